"""How the owner of a model trains it: what its compile says, and steps that it has of its own."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf

from tuner.dropout.keras_internals import all_layers
from tuner.dropout.tensors import Tensor
from tuner.training.keras_training import (
    compile_arguments,
    compiled_loss,
    compiled_metrics,
    decays,
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
    """Whether the loss of a model is its owner's: of its compile, its layers or its own steps."""
    if not model.compiled:
        return False
    is_known = compiled_loss(model) is not None or has_own(model, "compute_loss", "test_step")
    return is_known or not trains_itself(model)


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


def complete(model: keras.Model, rows: Rows) -> None:
    """Have a model make the weights that it does not ask for before it is trained.

    `rows` are tf.TensorSpec of a batch. Nothing is trained; what makes no graph is left as it is.
    """
    is_own = model.compiled and has_own(model, "train_step", "compute_metrics", "compute_loss")
    if not is_own or all(layer.built for layer in all_layers(model)):
        return
    step = tf.function(model.train_step, input_signature=[rows], autograph=False)
    with contextlib.suppress(Exception):  # whatever a user's step raises, its training says
        step.get_concrete_function()


def take_compile(model: keras.Model, other: keras.Model) -> None:
    """Compile a copy of a model as the other one is."""
    if other.compiled and model is not other:
        given = dict(compile_arguments(other))
        if isinstance(given["optimizer"], keras.optimizers.Optimizer):
            weights = zip(other.trainable_variables, model.trainable_variables, strict=False)
            given["optimizer"] = copy_of_optimizer(given["optimizer"], weights)
        model.compile(**given)


def copy_of_optimizer(
    optimizer: keras.optimizers.Optimizer,
    weights: Iterable[tuple[keras.Variable, keras.Variable]] = (),
    **changed: Any,
) -> keras.optimizers.Optimizer:
    """One that does the same, but for what is `changed`, and has done nothing yet.

    `weights` are pairs of what the first one moves and what the copy does: its configuration does
    not say which of them have no weight decay.
    """
    copy = type(optimizer).from_config({**optimizer.get_config(), **changed})
    kept = [own for known, own in weights if not decays(optimizer, known)]
    if kept:
        getattr(copy, "inner_optimizer", copy).exclude_from_weight_decay(var_list=kept)
    return copy


def optimizers_of(model: keras.Model) -> Iterator[keras.optimizers.Optimizer]:
    """Those that a model has as attributes: one by compile, and others that a train_step uses."""
    for value in vars(model).values():
        if isinstance(value, keras.optimizers.Optimizer):
            yield value


def reported_by(model: keras.Model, y: Any, outputs: Any) -> list[str]:
    """The metrics of a compile by the names that Keras reports, for such targets and answers."""
    found = compiled_metrics(model)
    if found is None:
        return []
    found.update_state(y, outputs)
    names = list(found.result())
    found.reset_state()
    return names
