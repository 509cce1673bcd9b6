"""The engine: one compiled program per model structure, trained epoch by epoch."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Development, Part
from tuner.errors import UsageError
from tuner.scoring import make_scorer
from tuner.sites import Rebuilt

_EVALUATION_BATCH = 1024
OnEpoch = Callable[[int, Mapping[str, float]], bool]


class DivergedError(ValueError):
    """The loss or the metric of a trial became NaN or infinite."""


@dataclass(frozen=True)
class Arrays:
    """A part of the data on the device: x [n, ...] and y [n] or [n, k]."""

    x: Any
    y: Any

    @classmethod
    def of(cls, part: Part) -> "Arrays":
        """Copy a part to the device once, for all trials."""
        return cls(tf.convert_to_tensor(part.x), tf.convert_to_tensor(part.y))


class Program:
    """A model with its compiled train and evaluation passes, for any trial of its structure.

    `load` takes over the variables of a freshly rebuilt model of the same signature: weights,
    rate cells and random states are assigned, and nothing is traced again.
    """

    def __init__(
        self, rebuilt: Rebuilt, development: Development, *, metric: str, optimizer: str
    ) -> None:
        self.model = rebuilt.model
        self.variant = rebuilt.variant
        self.layers = rebuilt.layers
        self.metric = metric
        self.n_traces = 0
        self._scorer = make_scorer(
            self.model, development.spec, metric, development.scaling.y_scale
        )
        self._optimizer = make_optimizer(optimizer)
        self._optimizer.build(self.model.trainable_variables)
        self._initial_slots = [keras.ops.convert_to_numpy(v) for v in self._optimizer.variables]
        x, y = development.train.x, development.train.y
        rows = [
            tf.TensorSpec([None, *x.shape[1:]], x.dtype),
            tf.TensorSpec([None, *y.shape[1:]], y.dtype),
        ]
        scalar = tf.TensorSpec([], tf.int32)
        self._train_epoch = tf.function(
            self._train_epoch_body,
            input_signature=[*rows, tf.TensorSpec([None], tf.int32), scalar, scalar, scalar],
        )
        self._evaluate = tf.function(self._evaluate_body, input_signature=rows)
        self._measure = tf.function(self._measure_body, input_signature=rows)

    def load(self, rebuilt: Rebuilt) -> None:
        """Begin a new trial: take over another model's variables and forget the optimizer's."""
        if rebuilt.model is not self.model:
            for own, new in zip(self.model.variables, rebuilt.model.variables, strict=True):
                own.assign(new)
        for slot, value in zip(self._optimizer.variables, self._initial_slots, strict=True):
            slot.assign(value)

    def train(
        self,
        train: Arrays,
        validation: Arrays,
        *,
        epochs: int,
        batch_size: int,
        learning_rate: float,
        seed: int,
        on_epoch: OnEpoch,
    ) -> None:
        """Train until `epochs` are done or `on_epoch(epoch, metrics)` returns False.

        Epochs count from 1; metrics are train_loss, val_loss and the metric as train_, val_.
        The train values are those of the noisy model, averaged over the epoch; rates that the
        variant learns are `rate_<place>`. Raises DivergedError at the first value that is not
        finite.
        """
        self._optimizer.learning_rate = learning_rate
        n = int(train.x.shape[0])
        steps = -(-n // batch_size)
        for epoch in range(1, epochs + 1):
            order = np.random.default_rng((seed, epoch)).permutation(n).astype("int32")
            done = (epoch - 1) * steps
            sums = self._train_epoch(train.x, train.y, order, batch_size, done, epochs * steps)
            metrics = self._named("train", sums, n) | self.evaluate(validation, "val")
            metrics |= self._learned_rates()
            for name, value in metrics.items():
                if not np.isfinite(value):
                    raise DivergedError(f"{name} became {value} in epoch {epoch}")
            if not on_epoch(epoch, metrics):
                return

    def evaluate(self, part: Arrays, prefix: str) -> dict[str, float]:
        """Mean loss and metric on a part, without noise: `<prefix>_loss`, `<prefix>_<metric>`."""
        return self._named(prefix, self._evaluate(part.x, part.y), int(part.x.shape[0]))

    def measure(self, part: Arrays) -> dict[str, float]:
        """The means over a part of what the variant measures of each example."""
        if self.variant.measure is None:
            return {}
        sums = self._measure(part.x, part.y)
        return {name: float(total) / int(part.x.shape[0]) for name, total in sums.items()}

    def _learned_rates(self) -> dict[str, float]:
        learned = self.variant.learned
        if learned is None:
            return {}
        return {f"rate_{place}": learned(layer) for place, layer in enumerate(self.layers)}

    def _named(self, prefix: str, sums: Any, n: int) -> dict[str, float]:
        loss, metric = (float(total) / n for total in sums)
        return {f"{prefix}_loss": loss, f"{prefix}_{self.metric}": self._scorer.finish(metric)}

    def _train_epoch_body(
        self, x: Any, y: Any, order: Any, batch_size: Any, done: Any, all_steps: Any
    ) -> Any:
        self.n_traces += 1
        sums = tf.zeros([2])
        step = done
        for start in tf.range(0, tf.size(order), batch_size):
            rows = order[start : start + batch_size]
            self._set_progress(step, all_steps)
            sums += self._train_step(tf.gather(x, rows), tf.gather(y, rows))
            step += 1
        return sums

    def _set_progress(self, step: Any, all_steps: Any) -> None:
        if self.variant.on_step is not None:
            progress = tf.cast(step, tf.float32) / tf.cast(all_steps, tf.float32)
            for layer in self.layers:
                self.variant.on_step(layer, progress)

    def _train_step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = self.model(x, training=True)
            losses = self._scorer.loss(y, outputs)
            penalties = [tf.cast(loss, tf.float32) for loss in self.model.losses]
            loss = tf.add_n([tf.reduce_mean(losses), *penalties])
            if self.variant.loss is not None:
                loss += self.variant.loss(self.model, x, y, outputs, self._scorer.loss)
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, [w.value for w in weights])
        fast = [layer for layer in self.layers if hasattr(layer, "rate_lr_mult")]
        before = [tf.identity(layer.rho.value) for layer in fast]
        self._optimizer.apply(gradients, weights)
        for layer, rho in zip(fast, before, strict=True):
            layer.move_rho(rho)
        return self._batch_sums(y, outputs, losses)

    def _evaluate_body(self, x: Any, y: Any) -> Any:
        self.n_traces += 1
        sums = tf.zeros([2])
        for start in tf.range(0, tf.shape(x)[0], _EVALUATION_BATCH):
            rows, targets = _batch(x, start), _batch(y, start)
            outputs = self.model(rows, training=False)
            sums += self._batch_sums(targets, outputs, self._scorer.loss(targets, outputs))
        return sums

    def _measure_body(self, x: Any, y: Any) -> dict[str, Any]:
        self.n_traces += 1
        measure = self.variant.measure
        assert measure is not None  # noqa: S101
        sums = dict.fromkeys(measure(self.model, x[:1], y[:1]), 0.0)
        for start in tf.range(0, tf.shape(x)[0], _EVALUATION_BATCH):
            measured = measure(self.model, _batch(x, start), _batch(y, start))
            sums = {name: sums[name] + tf.reduce_sum(values) for name, values in measured.items()}
        return sums

    def _batch_sums(self, y: Any, outputs: Any, losses: Any) -> Any:
        values = self._scorer.metric(y, outputs)
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(values)])


def share_cores(n_processes: int) -> bool:
    """Give this process its share of the cores; False where TensorFlow has run already."""
    if n_processes == 1:
        return True
    n_threads = max(1, len(os.sched_getaffinity(0)) // n_processes)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(n_threads)
        tf.config.threading.set_inter_op_parallelism_threads(n_threads)
    except RuntimeError:
        return False
    return True


def _batch(rows: Any, start: Any) -> Any:
    return rows[start : start + _EVALUATION_BATCH]


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A Keras optimizer by name; UsageError for an unknown one."""
    try:
        return keras.optimizers.get(name)
    except ValueError:
        raise UsageError(
            f"training.optimizer: unknown optimizer {name!r} (e.g. adam, adamw, sgd, rmsprop)"
        ) from None
