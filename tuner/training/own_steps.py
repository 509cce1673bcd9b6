"""The steps that the owner of a model wrote, as passes of the loop."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError
from tuner.training.owner import Rows
from tuner.training.passes import Found


class Steps:
    """A train_step or test_step of a model, batch by batch: what it reports is float32 [k].

    `names` are those of the k numbers, once it was called.
    """

    def __init__(self, step: Callable[[Rows], Any]) -> None:
        self._step = step
        self.names: tuple[str, ...] = ()

    def __call__(self, rows: Rows) -> Tensor:
        logs = _flat(self._step(rows))
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


def _flat(logs: Mapping[str, Any]) -> dict[str, Any]:
    """What a step reports, that of all metrics of a compile among it by their own names."""
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= _flat(value) if isinstance(value, Mapping) else {name: value}
    return flat


class OfOwner:
    """The steps that the owner of a model wrote: loss and metric are what the last one reports."""

    nothing = ()
    shape = tf.TensorShape([None])

    def __init__(
        self,
        model: keras.Model,
        step: Callable[[Rows], Any],
        metric: str,
        weigh: Callable[[Rows], Rows] = lambda rows: rows,
    ) -> None:
        self._model, self._steps, self._metric, self._weigh = model, Steps(step), metric, weigh

    @property
    def has_metric(self) -> bool:
        """Whether the metric is among what a step has reported."""
        return self._metric in ("loss", *self._steps.names)

    def begin(self) -> None:
        self._model.reset_metrics()

    def batch(self, rows: Rows) -> Tensor:
        return self._steps(self._weigh(rows))

    def add(self, _counted: Tensor, more: Tensor) -> Tensor:
        return more

    def end(self, counted: Tensor) -> Found:
        logs = self._steps.by_name(counted)
        loss = self._steps.loss(counted)
        return tf.stack([loss, logs.get(self._metric, loss)]), logs

    def means(self, found: Any, _n: int) -> tuple[float, float]:
        return float(found[0]), float(found[1])
