"""What a program counts of a batch: the loss that is trained on, and the metric that judges."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tuner.data.dataset import TrainValidation
from tuner.data.scaling import is_far
from tuner.data.spec import Spec
from tuner.dropout.keras_internals import is_model
from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.tensors import Tensor
from tuner.training import losses
from tuner.training.keras_training import compiled_metrics
from tuner.training.measures import Measure, make_measure
from tuner.training.naming import is_by_row
from tuner.training.owner import Rows, adds_penalties, data_loss, says_loss

Example = Callable[[], tuple[Rows, Any]]
"""() -> some rows, and what the model answers to them."""


class Scorer:
    """The loss of a model, that of its compile or else of its task, and its metric.

    `y_scale` [k] times standardized targets plus `y_mean` [k] are those in their own units;
    `variance` [k], where the metric needs it, is that of the residuals on the rows that are trained
    on. Whoever trains assigns the three. `measure` counts what is no mean over the rows. To `watch`
    is to count all metrics of the compile.

    Raises UsageError where the outputs of the model do not fit the data, or the metric.
    """

    def __init__(
        self, rebuilt: Rebuilt, data: TrainValidation, metric: str, example: Example, *, watch: bool
    ) -> None:
        spec, scaling = data.spec, data.scaling
        self._wide = tf.float64 if is_far(scaling.y_mean, scaling.y_scale) else tf.float32
        self._model, self._owner, self._metric = rebuilt.model, rebuilt.plain, metric
        self._is_numbers = spec.task == "regression"
        k = spec.n_outputs if self._is_numbers else 1
        self.y_scale = tf.Variable(tf.ones([k]), trainable=False)
        self.y_mean = tf.Variable(tf.zeros([k], tf.float64), trainable=False)
        self.variance: tf.Variable | None = None
        self.measure: Measure | None = None
        self._density: losses.Density | None = None
        self._by_row: losses.PerExample | None = None
        self._loss: losses.PerExample | None = None
        is_ours = not says_loss(self._owner)
        self._weighs = is_ours and isinstance(data.train.weight, np.ndarray)  # of mean 1
        if is_ours:
            self._loss = losses.of_task(self._model, spec, lambda: example()[1])
        self.adds_penalties = self._loss is None and adds_penalties(self._owner)
        if metric == "nll" and self._is_numbers:
            self._density = losses.Density(self._model, rebuilt.variant, self.y_scale)
            self._by_row, self.variance = self._density.normal, self._density.variance
        elif is_by_row(metric, spec.task) and self._fits(spec):
            self._by_row = losses.by_row(
                self._model, spec, metric, self.y_scale, lambda: example()[1]
            )
        elif metric != "loss":
            self.measure = make_measure(
                self._owner, metric, example(), self._in_units, weighs=self._weighs
            )
        self._watched = compiled_metrics(self._owner) if watch else None

    def begin(self) -> None:
        """Count anew."""
        if self.measure is not None:
            self.measure.reset()
        if self._watched is not None:
            self._watched.reset_state()

    def end(self, sums: Tensor) -> tuple[Any, dict[str, Any]]:
        """Loss and metric [2] of all that was counted since, and the metrics of the compile."""
        if self.measure is not None:
            sums = tf.stack([sums[0], self.measure.result()])
        return sums, {} if self._watched is None else self._watched.result()

    def _fits(self, spec: Spec) -> bool:
        """Whether the answers are as they have to be; of a compiled model they may be others."""
        return self._loss is not None or (is_model(self._model) and losses.fits(self._model, spec))

    def loss(self, rows: Rows, outputs: Any, *, training: bool = True) -> Tensor:
        """The loss of each row (x, y) or (x, y, weight), [batch]; of a compile it is a scalar."""
        if self._loss is None:
            return data_loss(self._owner, rows, outputs, training=training)
        of_rows = self._loss(rows[1], outputs)
        return of_rows * rows[2] if len(rows) > 2 else of_rows

    def metric(self, rows: Rows, outputs: Any) -> Tensor:
        """The metric of each row, [batch]; 0 where a measure counts it, or it is the loss."""
        if self.measure is not None:
            self.measure.update(rows, outputs)
        if self._watched is not None and not self._is_counted:
            self._watched.update_state(rows[1], outputs, *rows[2:])
        if self._by_row is None:
            return tf.zeros([1])
        return self.weighed(self._by_row(rows[1], outputs), rows)

    def weighed(self, values: Tensor, rows: Rows) -> Tensor:
        """Values [batch, ...] of rows times their weights, of mean 1; an owner says otherwise."""
        if not self._weighs or len(rows) < 3:
            return values
        return values * tf.reshape(rows[2], [-1, *([1] * (values.shape.rank - 1))])

    def predict(self, rows: Rows) -> tuple[Any, Any]:
        """The outputs without noise, and their metric."""
        if self._density is not None and self._density.is_stated:
            outputs, values = self._density.predict(*rows[:2])
            return outputs, self.weighed(values, rows)
        outputs = self._model(rows[0], training=False)
        return outputs, self.metric(rows, outputs)

    def value(self, loss: float, total: float, n: int) -> float:
        """The metric of `n` rows: `total` is the sum of theirs, or what the measure says."""
        if self._metric == "loss":
            return loss
        if self.measure is not None:
            return total
        return math.sqrt(total / n) if self._metric == "rmse" else total / n

    @property
    def _is_counted(self) -> bool:
        """Whether the measure counts the metrics of the compile already."""
        return self.measure is not None and self.measure.metric is self._watched

    def _in_units(self, y: Any) -> Any:
        """In float64 where float32 has too few digits for them."""
        if not self._is_numbers:
            return y
        scale, mean = (tf.cast(each, self._wide) for each in (self.y_scale, self.y_mean))
        return tf.cast(y, self._wide) * scale + mean
