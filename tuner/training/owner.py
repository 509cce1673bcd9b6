"""How the owner of a model trains it: what its compile says, and steps that it has of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError
from tuner.training.keras_training import (
    compile_arguments,
    compiled_loss,
    compiled_metrics,
    tells_training,
)

Rows = tuple[Any, ...]
"""(x, y) or (x, y, weight), as Keras gives them to a train_step."""


def has_own(model: keras.Model, *names: str) -> bool:
    """Whether the class of a model has one of these methods from somebody else than Keras."""
    return any(getattr(type(model), name) is not getattr(keras.Model, name) for name in names)


def trains_itself(model: keras.Model) -> bool:
    """Whether a compiled model has a train_step of its own, or counts its metrics itself."""
    return bool(model.compiled) and has_own(model, "train_step", "compute_metrics")


def tests_itself(model: keras.Model) -> bool:
    """Whether a compiled model has a test_step of its own, or counts its metrics itself."""
    return bool(model.compiled) and has_own(model, "test_step", "compute_metrics")


def says_loss(model: keras.Model) -> bool:
    """Whether the loss of a model follows from its compile, or from a compute_loss of its own."""
    if not model.compiled:
        return False
    return (
        has_own(model, "compute_loss")
        or compiled_loss(model) is not None
        or not trains_itself(model)
    )


def adds_penalties(model: keras.Model) -> bool:
    """Whether `data_loss` of a compiled model has what its layers add in it already."""
    return has_own(model, "compute_loss") or compiled_loss(model) is None


def data_loss(model: keras.Model, rows: Rows, outputs: Any, *, training: bool) -> Tensor:
    """The loss that a compiled model has on a batch, a scalar, without what its layers add.

    Where it has a `compute_loss` of its own, or nothing but what layers add, that is all of it.
    """
    x, y, weight = keras.utils.unpack_x_y_sample_weight(rows)
    plain = compiled_loss(model)
    if plain is not None and not adds_penalties(model):
        return tf.cast(plain(y, outputs, weight), tf.float32)
    # of the class: what a layer of ours has put around it comes on top of it elsewhere
    own = type(model).compute_loss.__get__(model)
    told = {"training": training} if tells_training(model) else {}
    return tf.cast(own(x=x, y=y, y_pred=outputs, sample_weight=weight, **told), tf.float32)


def take_compile(model: keras.Model, other: keras.Model) -> None:
    """Compile a copy of a model as the other one is."""
    if other.compiled and not model.compiled:
        model.compile(**compile_arguments(other))


def optimizers_of(model: keras.Model) -> Iterator[keras.optimizers.Optimizer]:
    """Those that a model has as attributes: one by compile, and others that a train_step uses."""
    for value in vars(model).values():
        if isinstance(value, keras.optimizers.Optimizer):
            yield value


def reported_by(model: keras.Model) -> list[str]:
    """The metrics of a compile that has seen a batch, by the names that Keras reports."""
    found = compiled_metrics(model)
    return [] if found is None or not found.built else list(found.result())


class Steps:
    """A train_step or test_step of a model, batch by batch: what it reports is float32 [k].

    `names` are those of the k numbers, once it was called.
    """

    def __init__(self, step: Callable[[Rows], Any]) -> None:
        self._step = step
        self.names: tuple[str, ...] = ()

    def __call__(self, rows: Rows) -> Tensor:
        logs = self._step(rows)
        self.names = tuple(logs)
        return tf.stack([tf.reduce_mean(tf.cast(value, tf.float32)) for value in logs.values()])

    def loss(self, values: Tensor) -> Tensor:
        """That among what it reported last."""
        names = [name for name in self.names if name.endswith("loss")]
        if not names:
            raise UsageError(f"a step of the model reports no loss, but {', '.join(self.names)}")
        return values[self.names.index("loss" if "loss" in names else names[0])]

    def by_name(self, values: Tensor) -> dict[str, Any]:
        """What it reported last."""
        return {name: values[place] for place, name in enumerate(self.names)}
