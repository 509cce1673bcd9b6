"""A plain training loop, one compiled program an epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

OnEpoch = Callable[[int], None]


@dataclass(frozen=True)
class Fit:
    """What is minimised and for how long; `seed` shuffles the rows anew for each epoch."""

    optimizer: keras.optimizers.Optimizer
    loss: Callable[[keras.Model, Any, Any], Any]
    epochs: int
    batch_size: int
    seed: int
    drop_last: bool = False


def train(
    model: keras.Model,
    data: tuple[np.ndarray, np.ndarray],
    fit: Fit,
    *,
    before_epoch: OnEpoch = lambda epoch: None,
    after_epoch: OnEpoch = lambda epoch: None,
) -> None:
    """Minimise `fit.loss(model, x, y)` over shuffled batches; epochs count from 0."""
    x, y = (tf.convert_to_tensor(part) for part in data)
    n = len(data[0])
    used = n // fit.batch_size * fit.batch_size if fit.drop_last else n
    fit.optimizer.build(model.trainable_variables)
    one_epoch = _compiled_epoch(model, fit)
    for epoch in range(fit.epochs):
        before_epoch(epoch)
        order = np.random.default_rng((fit.seed, epoch)).permutation(n)[:used]
        one_epoch(x, y, tf.constant(order, tf.int32))
        after_epoch(epoch)


def _compiled_epoch(model: keras.Model, fit: Fit) -> Callable[[Any, Any, Any], None]:
    weights = model.trainable_variables

    def epoch(x: Any, y: Any, order: Any) -> None:
        for start in tf.range(0, tf.size(order), fit.batch_size):
            rows = order[start : start + fit.batch_size]
            with tf.GradientTape() as tape:
                value = fit.loss(model, tf.gather(x, rows), tf.gather(y, rows))
            fit.optimizer.apply(tape.gradient(value, [w.value for w in weights]), weights)

    compiled: Callable[[Any, Any, Any], None] = tf.function(epoch)
    return compiled


def cross_entropy(model: keras.Model, x: Any, y: Any) -> Any:
    """The mean over the batch, for a model that gives logits, with what its layers add."""
    logits = model(x, training=True)
    losses = keras.losses.sparse_categorical_crossentropy(y, logits, from_logits=True)
    return tf.add_n([tf.reduce_mean(losses), *model.losses])


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The percentage of rows whose class is predicted, without noise."""
    logits = np.concatenate([model(part, training=False) for part in np.array_split(x, 10)])
    return 100 * float(np.mean(logits.argmax(-1) == y))
