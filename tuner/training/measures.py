"""Metrics that are more than a mean over the rows: Keras's, those of a compile, one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.training.aligning import aligned, are_classes, chooser, output_names
from tuner.training.keras_metrics import of_keras, of_module
from tuner.training.keras_training import compiled_metrics
from tuner.training.logits import Head
from tuner.training.owner import Rows, reported_by

InUnits = Callable[[Any], Any]
"""Targets or answers -> the same in the units that the data came in."""


_OF_STANDARD = (
    keras.metrics.R2Score,
    keras.metrics.PearsonCorrelation,
    keras.metrics.ConcordanceCorrelation,
)
"""They are the same of standardized targets, of which float32 has the most digits."""


@dataclass(frozen=True)
class Measure:
    """A metric that is kept as state: `update` with each batch, then `result`, a scalar.

    `given(rows, outputs)` is what its update_state takes, `key` which of its results counts.
    """

    metric: keras.metrics.Metric
    given: Callable[[Rows, Any], tuple[Any, ...]]
    key: str = ""

    def update(self, rows: Rows, outputs: Any) -> None:
        """Count a batch."""
        self.metric.update_state(*self.given(rows, outputs))

    def result(self) -> Tensor:
        """The metric of all that was counted since the last reset, or the mean of its numbers."""
        found = self.metric.result()
        return tf.reduce_mean(tf.cast(found[self.key] if self.key else found, tf.float32))

    def reset(self) -> None:
        """Begin anew."""
        self.metric.reset_state()


def make_measure(
    model: keras.Model,
    name: str,
    example: tuple[Rows, Any],
    in_units: InUnits,
    *,
    weighs: bool = False,
) -> Measure:
    """The metric of that name: of the compile, of Keras, or a `module:function`.

    That of one of several outputs has its name before it: "price.mae". `example` has some rows and
    what the model answers to them; where rows weigh, one of Keras counts them by their weights.
    Raises UsageError where there is no such metric, or it does not fit.
    """
    (_, y, *_), outputs = example
    if name in reported_by(model, y, outputs):
        return Measure(compiled_metrics(model), _as_given, name)
    names = output_names(model, outputs)
    output, own = split(name, names)
    pick = chooser(names, output, own)
    if ":" in own:

        def with_weight(rows: Rows, outputs: Any) -> tuple[Any, ...]:
            return (*_both(rows, outputs, pick, in_units), *(rows[2:] if weighs else ()))

        return Measure(of_module(own), with_weight)
    y, answers = _both((None, y), outputs, pick, tf.convert_to_tensor)
    head = Head.of(model, names.index(output) if output else 0, output, y, answers)
    metric = of_keras(own, head.size, is_sparse=are_classes(y, answers), is_one_of=head.is_one_of)

    if weighs and isinstance(metric, keras.metrics.MeanIoU):
        metric = keras.metrics.MeanIoU(metric.num_classes, dtype="float32")  # else it counts ints
    of = tf.convert_to_tensor if isinstance(metric, _OF_STANDARD) else in_units

    def given(rows: Rows, outputs: Any) -> tuple[Any, ...]:
        *found, mask = aligned(metric, *_both(rows, outputs, pick, of), head)
        return (*found, _times(mask, rows[2]) if weighs and len(rows) > 2 else mask)

    return Measure(metric, given)


def _times(mask: Tensor | None, weight: Tensor) -> Tensor:
    """Weights of rows [n] for what stands in them [m], without what is masked [m]."""
    if mask is None:
        return weight
    return mask * tf.repeat(weight, tf.size(mask) // tf.size(weight))


def split(name: str, outputs: list[str]) -> tuple[str, str]:
    """("price", "mae") of "price.mae", ("", "mae") without an output."""
    first, dot, rest = name.partition(".")
    return (first, rest) if dot and (first in outputs or ":" not in name) else ("", name)


def _as_given(rows: Rows, outputs: Any) -> tuple[Any, ...]:
    return rows[1], outputs, *rows[2:]


def _both(rows: Rows, outputs: Any, pick: Callable[[Any], Any], of: InUnits) -> tuple[Any, Any]:
    return of(pick(rows[1])), of(pick(outputs))
