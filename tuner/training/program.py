"""One compiled program for all models of a structure: what runs on the device.

A step, an epoch with the evaluation after it, the evaluation, what the variant measures.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tuner.data.dataset import TrainValidation
from tuner.data.streams import StreamedRows
from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.tensors import Tensor
from tuner.errors import one_line
from tuner.training.backend import choose_rewriting, random_state
from tuner.training.losses import make_scorer
from tuner.training.metrics import LEAST_VARIANCE
from tuner.training.optimizers import make_optimizer

EVALUATION_BATCH = 1024


class Program:
    """A model with its compiled epoch, for any trial of its structure.

    `load` takes over the variables of a freshly rebuilt model of the same signature: weights,
    rate cells and random states are assigned, and nothing is traced again. So does `scale_by` for
    another fold of the data. A model that cannot be compiled is run as it stands; `trouble` then
    says why.

    `epoch(x, y, x_val, y_val, order, size)` trains on all rows in `order`, in batches of `size`,
    and `step(x, y)` on one batch; `evaluate(x, y)` is without noise. They give sums over the rows
    of loss and metric, an epoch those of both parts and then the learned rates. `measure(x, y)`
    gives sums by name, `residuals(x, y)` those of the squares without noise, of each target.
    """

    def __init__(
        self, rebuilt: Rebuilt, data: TrainValidation, *, metric: str, optimizer: str
    ) -> None:
        self.rebuilt = rebuilt
        self.model = rebuilt.model
        self.variant = rebuilt.variant
        self.layers = rebuilt.layers
        self.metric = metric
        self.n_traces = 0
        self.scorer = make_scorer(self.model, self.variant, data.spec, metric)
        self.scale_by(data)
        self._optimizer = make_optimizer(optimizer)
        self._optimizer.build(self.model.trainable_variables)
        self._initial_slots = [keras.ops.convert_to_numpy(v) for v in self._optimizer.variables]
        x, y = data.train.x, data.train.y
        rows = [
            tf.TensorSpec([None, *x.shape[1:]], x.dtype),
            tf.TensorSpec([None, *y.shape[1:]], y.dtype),
        ]
        scalar = tf.TensorSpec([], tf.int32)
        order = tf.TensorSpec([None], tf.int32)
        self.evaluate = _compiled(self._evaluate_body, rows)
        self.measure = _compiled(self._measure_body, rows)
        self.residuals = _compiled(self._residuals_body, rows)
        self.epoch = _compiled(self._epoch_body, [*rows, *rows, order, scalar])
        self.step = _compiled(self._step_body, rows)
        self._streams = isinstance(x, StreamedRows)
        choose_rewriting(self.model)
        self.trouble = self._compile()

    def _compile(self) -> str | None:
        try:
            (self.step if self._streams else self.epoch).get_concrete_function()
        except Exception as error:  # noqa: BLE001 (whatever keeps a user's layer from a graph)
            self.evaluate, self.measure = self._evaluate_body, self._measure_body
            self.epoch, self.step = self._epoch_body, self._step_body
            self.residuals = self._residuals_body
            return one_line(error)
        return None

    def load(self, rebuilt: Rebuilt) -> None:
        """Begin a new trial: take over another model's variables and forget the optimizer's."""
        if rebuilt.model is not self.model:
            for own, new in zip(self.model.variables, rebuilt.model.variables, strict=True):
                own.assign(new)
        for slot, value in zip(self._optimizer.variables, self._initial_slots, strict=True):
            slot.assign(value)
        if self.scorer.variance is not None:
            self.scorer.variance.assign(tf.ones_like(self.scorer.variance))

    def scale_by(self, data: TrainValidation) -> None:
        """Give metrics in the units of the targets of `data`."""
        self.scorer.y_scale.assign(data.scaling.y_scale)

    def set_learning_rate(self, learning_rate: float) -> None:
        """From the next step on."""
        self._optimizer.learning_rate = learning_rate

    def weights(self) -> list[Any]:
        """A copy of all variables of the model, on the host."""
        return [keras.ops.convert_to_numpy(v) for v in self.model.variables]

    def assign(self, weights: list[Any]) -> None:
        """Give the variables of the model the values that `weights()` gave."""
        for variable, value in zip(self.model.variables, weights, strict=True):
            variable.assign(value)

    def state(self) -> list[Any]:
        """A copy of all that a training between two epochs consists of, on the host."""
        return [keras.ops.convert_to_numpy(v) for v in self._state_variables()]

    def restore(self, state: list[Any]) -> None:
        """Go back to what `state()` gave."""
        for variable, value in zip(self._state_variables(), state, strict=True):
            variable.assign(value)

    def _state_variables(self) -> list[Any]:
        variance = [] if self.scorer.variance is None else [self.scorer.variance]
        return [*self.model.variables, *self._optimizer.variables, random_state(), *variance]

    def _epoch_body(
        self, x: Tensor, y: Tensor, x_val: Tensor, y_val: Tensor, order: Tensor, size: Tensor
    ) -> Tensor:
        """Train on all rows in `order`, then evaluate: sums of loss and metric, learned rates."""
        self.n_traces += 1

        def batch(start: Tensor, sums: Tensor) -> tuple[Any, Any]:
            rows = order[start : start + size]
            return start + size, sums + self._step_body(tf.gather(x, rows), tf.gather(y, rows))

        begin = (0, tf.zeros([2]))
        _, sums = tf.while_loop(lambda start, _: start < tf.size(order), batch, begin)
        if self.scorer.variance is not None:
            self.set_variance(self._residuals_body(x, y), tf.shape(x)[0])
        return tf.concat([sums, self.evaluate(x_val, y_val), self.learned()], axis=0)

    def set_variance(self, residuals: Tensor, n: Tensor) -> None:
        """Have the metric know the variance of `n` rows with these sums of squared residuals."""
        assert self.scorer.variance is not None  # noqa: S101
        variance = residuals / tf.cast(n, tf.float32)
        self.scorer.variance.assign(tf.maximum(variance, LEAST_VARIANCE))

    def learned(self) -> Any:
        """The rate that each place has learned by now."""
        learned = self.variant.learned
        rates = [] if learned is None else [learned(layer) for layer in self.layers]
        return tf.stack([*rates, 0.0])[:-1]

    def _step_body(self, x: Tensor, y: Tensor) -> Tensor:
        """One step of the training; the sums of loss and metric on its batch."""
        with tf.GradientTape() as tape:
            outputs = self.model(x, training=True)
            losses = self.scorer.loss(y, outputs)
            penalties = [tf.cast(loss, tf.float32) for loss in self.model.losses]
            loss = tf.add_n([tf.reduce_mean(losses), *penalties])
            if self.variant.loss is not None:
                loss += self.variant.loss(self.model, x, y, outputs, self.scorer.loss)
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, [w.value for w in weights])
        self._optimizer.apply(gradients, weights)
        values = self.scorer.metric(y, outputs)
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(values)])

    def _evaluate_body(self, x: Tensor, y: Tensor) -> Tensor:
        self.n_traces += 1

        def sums(rows: Tensor, targets: Tensor) -> Any:
            outputs, values = self.scorer.predict(rows, targets)
            losses = self.scorer.loss(targets, outputs)
            return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(values)])

        return _summed(sums, x, y, tf.zeros([2]))

    def _residuals_body(self, x: Tensor, y: Tensor) -> Tensor:
        def squares(rows: Tensor, targets: Tensor) -> Any:
            outputs = tf.cast(self.model(rows, training=False), tf.float32)
            return tf.reduce_sum(tf.square(outputs - targets), axis=0)

        return _summed(squares, x, y, tf.zeros_like(self.scorer.y_scale))

    def _measure_body(self, x: Tensor, y: Tensor) -> dict[str, Any]:
        self.n_traces += 1
        assert self.variant.measure is not None  # noqa: S101
        measured = self.variant.measure(self.model, x, y, self.scorer.y_scale)
        return {name: tf.reduce_sum(values) for name, values in measured.items()}


def _summed(of: Callable[[Any, Any], Any], x: Tensor, y: Tensor, zeros: Tensor) -> Tensor:
    """The sum of `of(x, y)` over batches."""

    def batch(start: Tensor, sums: Tensor) -> tuple[Any, Any]:
        end = start + EVALUATION_BATCH
        return end, sums + of(x[start:end], y[start:end])

    return tf.while_loop(lambda start, _: start < tf.shape(x)[0], batch, (0, zeros))[1]


def _compiled(body: Callable[..., Any], signature: list[tf.TensorSpec]) -> Tensor:
    return tf.function(body, input_signature=signature, autograph=False)
