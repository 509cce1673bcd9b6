"""One compiled program for all models of a structure: what runs on the device."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from tuner.data.dataset import TrainValidation
from tuner.dropout._learned import LearnsRate
from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError, one_line
from tuner.training.backend import choose_rewriting, copies, put, random_state
from tuner.training.batches import first_rows, is_streamed, n_rows, specs_of
from tuner.training.evaluation import is_plain
from tuner.training.metrics import LEAST_VARIANCE
from tuner.training.optimizers import Driver
from tuner.training.own_steps import OfOwner
from tuner.training.owner import Rows, tests_itself, trains_itself
from tuner.training.passes import EVALUATION_BATCH, Judging, Pass, Training, run, sliced, summed
from tuner.training.scoring import Example, Scorer
from tuner.training.settings import TrainingSettings
from tuner.training.weighting import ClassWeights

_EXAMPLE = 32


class Program:
    """A model with its compiled epoch, for any trial of its structure.

    `load` takes over the variables of a freshly rebuilt model of the same signature: weights,
    rate cells and random states are assigned, and nothing is traced again. So does `scale_by` for
    another fold of the data. A model that cannot be compiled is run as it stands; `trouble` then
    says why.

    Rows are (x, y) or (x, y, weight). `epoch(rows, judged, order, size)` trains on all rows in
    `order`, in batches of `size`, and `step(rows)` on one batch; `evaluate(rows)` is without noise.
    They give what `training` and `judging` make of it, an epoch that of both and then the learned
    rates. `measure(rows)` gives sums by name, `residuals(rows)` those of the squares without noise,
    of each target.
    """

    def __init__(
        self, rebuilt: Rebuilt, data: TrainValidation, *, metric: str, settings: TrainingSettings
    ) -> None:
        self.rebuilt = rebuilt
        self.model = rebuilt.model
        self.owner = rebuilt.plain
        self.variant = rebuilt.variant
        self.layers = rebuilt.layers
        self.metric = metric
        self.measures = self.variant.measure is not None and is_plain(rebuilt, data)
        self.n_traces = 0
        self.judged_in = EVALUATION_BATCH
        self.driver = Driver(self.owner, settings)
        self.driver.build(self.model.trainable_variables)
        self._class_weights = ClassWeights(settings.class_weight, data)
        example = partial(self._example, data)
        watch = settings.callbacks is not None
        own = self._own_judging(example)
        told = metric if own is None else "loss"
        self.scorer = Scorer(rebuilt, data, told, example, watch=watch)
        weigh = self._class_weights.weigh
        self.training: Pass = Training(rebuilt, self.scorer, self.driver.optimizer, weigh)
        if trains_itself(self.owner):
            self.training = OfOwner(self.owner, self.owner.train_step, metric, weigh)
        self.judging: Pass = own or Judging(self.scorer)
        self.scale_by(data)
        rows, judged = specs_of(data.train), specs_of(data.validation)
        scalar, order = tf.TensorSpec([], tf.int32), tf.TensorSpec([None], tf.int32)
        self.evaluate = _compiled(self._evaluate_body, rows, scalar)
        self.measure = _compiled(self._measure_body, rows)
        self.residuals = _compiled(self._residuals_body, rows)
        self.epoch = _compiled(self._epoch_body, rows, judged, order, scalar)
        self.step = _compiled(self.training.batch, rows)
        self.judge = _compiled(self.judging.batch, judged)
        choose_rewriting(self.model)
        self.trouble = self._compile(self.step if is_streamed(data.train) else self.epoch)
        self.driver.remember()

    def _own_judging(self, example: Example) -> OfOwner | None:
        """The owner's test_step, where it reports the metric."""
        if not tests_itself(self.owner):
            return None
        own = OfOwner(self.owner, self.owner.test_step, self.metric)
        own.begin()
        own.batch(example()[0])
        return own if own.has_metric else None

    def _example(self, data: TrainValidation) -> tuple[Rows, Any]:
        """Some rows to train on, and the answers to them."""
        rows = first_rows(data.train, _EXAMPLE)
        return rows, self.owner(rows[0], training=False)

    def _compile(self, whole: Tensor) -> str | None:
        try:
            whole.get_concrete_function()
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever keeps a user's layer from a graph)
            self.evaluate, self.measure = self._evaluate_body, self._measure_body
            self.epoch, self.residuals = self._epoch_body, self._residuals_body
            self.step, self.judge = self.training.batch, self.judging.batch
            return one_line(error)
        return None

    def load(self, rebuilt: Rebuilt) -> None:
        """Begin a new trial: take over another model's variables and forget the optimizer's."""
        if rebuilt.model is not self.model:
            put(self.model.variables, rebuilt.model.variables)
        self.driver.load(rebuilt.plain)
        if self.scorer.variance is not None:
            self.scorer.variance.assign(tf.ones_like(self.scorer.variance))

    def set_steps(self, settings: TrainingSettings) -> None:
        """Learning rate and batches from now on: what is compiled is judged in these too."""
        self.driver.set_learning_rate(settings.learning_rate)
        self.judged_in = settings.batch_size if self.owner.compiled else EVALUATION_BATCH

    def scale_by(self, data: TrainValidation) -> None:
        """Give metrics in the units of the targets of `data`, and classes their weights there."""
        if data.spec.task == "regression":
            self.scorer.y_scale.assign(data.scaling.y_scale)
            self.scorer.y_mean.assign(data.scaling.y_mean)
        self._class_weights.assign(data)

    def weights(self) -> list[Any]:
        """A copy of all variables of the model, on the host."""
        return copies(self.model.variables)

    def assign(self, weights: list[Any]) -> None:
        """Give the variables of the model the values that `weights()` gave."""
        put(self.model.variables, weights)

    def state(self) -> list[Any]:
        """A copy of all that a training between two epochs consists of, on the host."""
        return copies(self._state_variables())

    def restore(self, state: list[Any]) -> None:
        """Go back to what `state()` gave."""
        put(self._state_variables(), state)

    def _state_variables(self) -> list[Any]:
        variance = [] if self.scorer.variance is None else [self.scorer.variance]
        return [*self.model.variables, *self.driver.variables, random_state(), *variance]

    def _epoch_body(self, rows: Rows, judged: Rows, order: Tensor, size: Tensor) -> Tensor:
        """Train on all rows in `order`, then evaluate: what both parts came to, learned rates."""
        self.n_traces += 1

        def batch(start: Tensor) -> Rows:
            chosen = order[start : start + size]
            taken: Rows = keras.tree.map_structure(lambda a: tf.gather(a, chosen), rows)
            return taken

        trained = run(self.training, batch, tf.size(order), size)
        if self.scorer.variance is not None:
            self.set_variance(self._residuals_body(rows), tf.size(order))
        judged_in = size if self.owner.compiled else EVALUATION_BATCH
        return trained, self.evaluate(judged, judged_in), self.learned()

    def set_variance(self, residuals: Tensor, n: Tensor) -> None:
        """Have the metric know the variance of `n` rows with these sums of squared residuals."""
        assert self.scorer.variance is not None  # noqa: S101
        variance = residuals / tf.cast(n, tf.float32)
        self.scorer.variance.assign(tf.maximum(variance, LEAST_VARIANCE))

    def learned(self) -> Any:
        """The rate that each place has learned by now, or has where standard noise stands."""
        learned = self.variant.learned
        if learned is None:
            return tf.zeros(0)
        rates = [
            learned(layer) if isinstance(layer, LearnsRate) else layer.rate.tensor
            for layer in self.layers
        ]
        return tf.stack([tf.cast(rate, "float32") for rate in rates])

    def _evaluate_body(self, rows: Rows, size: Tensor) -> Tensor:
        self.n_traces += 1
        return run(self.judging, sliced(rows, size), n_rows(rows), size)

    def _residuals_body(self, rows: Rows) -> Tensor:
        def squares(batch: Rows) -> Any:
            outputs = tf.cast(self.model(batch[0], training=False), tf.float32)
            return tf.reduce_sum(self.scorer.weighed(tf.square(outputs - batch[1]), batch), axis=0)

        return summed(squares, rows, tf.zeros_like(self.scorer.y_scale))

    def _measure_body(self, rows: Rows) -> dict[str, Any]:
        self.n_traces += 1
        assert self.variant.measure is not None  # noqa: S101
        x, y, *_ = rows
        measured = self.variant.measure(self.model, x, y, self.scorer.y_scale)
        return {name: tf.reduce_sum(values) for name, values in measured.items()}


def _compiled(body: Any, *signature: Any) -> Tensor:
    return tf.function(body, input_signature=signature, autograph=False)
