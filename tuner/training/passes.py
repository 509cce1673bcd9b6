"""Passes over the rows, batch by batch: what is done with each, and what it comes to."""

from collections.abc import Callable
from typing import Any, Protocol

import keras
import tensorflow as tf

from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.tensors import Tensor
from tuner.training.batches import n_rows
from tuner.training.owner import Rows
from tuner.training.scoring import Scorer

EVALUATION_BATCH = 1024
Found = tuple[Any, dict[str, Any]]
"""Loss and metric, [2], and what else was counted, by the names that Keras has for it."""


class Pass(Protocol):
    """`begin`, then `counted = add(counted, batch(rows))` from `nothing` on, then `end(counted)`.

    `means(found, n)` makes loss and metric of the two numbers that a pass over n rows ended with.
    """

    nothing: Tensor
    shape: tf.TensorShape

    @property
    def has_metric(self) -> bool: ...
    def begin(self) -> None: ...
    def batch(self, rows: Rows) -> Tensor: ...
    def add(self, counted: Tensor, more: Tensor) -> Tensor: ...
    def end(self, counted: Tensor) -> Found: ...
    def means(self, found: Any, n: int) -> tuple[float, float]: ...


class Judging:
    """Loss and metric without noise."""

    nothing = (0.0, 0.0)
    shape = tf.TensorShape([2])
    has_metric = True

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.begin, self.end = scorer.begin, scorer.end

    def batch(self, rows: Rows) -> Tensor:
        """The sums over the rows of a batch."""
        outputs, values = self._scorer.predict(rows)
        losses = self._scorer.loss(rows, outputs, training=False)
        return tf.stack([total(losses, rows), tf.reduce_sum(values)])

    def add(self, counted: Tensor, more: Tensor) -> Tensor:
        return counted + more

    def means(self, found: Any, n: int) -> tuple[float, float]:
        return float(found[0]) / n, self._scorer.value(float(found[0]) / n, float(found[1]), n)


class Training(Judging):
    """A step of the optimizer with each batch; loss and metric are those of the noisy model."""

    def __init__(
        self,
        rebuilt: Rebuilt,
        scorer: Scorer,
        optimizer: keras.optimizers.Optimizer,
        weigh: Callable[[Rows], Rows],
    ) -> None:
        super().__init__(scorer)
        self._model, self._variant = rebuilt.model, rebuilt.variant
        self._optimizer, self._weigh = optimizer, weigh

    def batch(self, rows: Rows) -> Tensor:
        """One step of the training; the sums over the rows of its batch."""
        given, rows = rows, self._weigh(rows)
        with tf.GradientTape() as tape:
            outputs = self._model(rows[0], training=True)
            losses = self._scorer.loss(rows, outputs)
            loss = tf.add_n([tf.reduce_mean(losses), *self._penalties()])
            if self._variant.loss is not None:
                x, y, *weight = rows
                data_loss = lambda y, found: self._scorer.loss((x, y, *weight), found)  # noqa: E731
                loss += self._variant.loss(self._model, x, y, outputs, data_loss)
            scaled = self._optimizer.scale_loss(loss)
        weights = self._model.trainable_variables
        self._optimizer.apply(tape.gradient(scaled, [w.value for w in weights]), weights)
        return tf.stack([total(losses, rows), tf.reduce_sum(self._scorer.metric(given, outputs))])

    def _penalties(self) -> list[Any]:
        if self._scorer.adds_penalties:
            return []
        return [tf.cast(loss, tf.float32) for loss in self._model.losses]


def total(losses: Tensor, rows: Rows) -> Tensor:
    """The sum over the rows of their losses [batch], or of their mean, a scalar."""
    if losses.shape.rank:
        return tf.reduce_sum(losses)
    return losses * tf.cast(n_rows(rows), tf.float32)


def run(of: Pass, batch: Callable[[Tensor], Rows], n: Tensor, size: Tensor) -> Found:
    """A pass over n rows, `size` at a time: `batch(start)` gives those from `start` on."""

    def body(start: Tensor, counted: Tensor) -> tuple[Any, Any]:
        return start + size, of.add(counted, of.batch(batch(start)))

    of.begin()
    begin, shapes = (0, tf.constant(of.nothing, tf.float32)), (tf.TensorShape([]), of.shape)
    return of.end(tf.while_loop(lambda start, _: start < n, body, begin, shapes)[1])


def summed(of: Callable[[Rows], Any], rows: Rows, zeros: Tensor) -> Tensor:
    """The sum of `of(batch)` over batches."""
    batch = sliced(rows, EVALUATION_BATCH)

    def body(start: Tensor, sums: Tensor) -> tuple[Any, Any]:
        return start + EVALUATION_BATCH, sums + of(batch(start))

    return tf.while_loop(lambda start, _: start < n_rows(rows), body, (0, zeros))[1]


def sliced(rows: Rows, size: Tensor) -> Callable[[Tensor], Rows]:
    """What gives the batch of `size` from a row on."""

    def batch(start: Tensor) -> Rows:
        here = slice(start, start + size)
        taken: Rows = keras.tree.map_structure(lambda a: a[here], rows)
        return taken

    return batch
