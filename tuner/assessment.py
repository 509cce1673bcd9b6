"""What a trained model is worth beyond its metric: probabilities, and what noise says of them."""

import contextlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.calibration import of_classes, of_targets, of_uncertainty, prefixed
from tuner.data.parts import Development
from tuner.variants._graph import head
from tuner.variants._sampling import sampling

_BATCH = 1024
_PASSES = 20


def assess(model: keras.Model, development: Development) -> dict[str, float]:
    """Of classes NLL, calibration error, and how well the entropy ranks the errors; of targets NLL.

    All on the validation part; where a pass can be noisy, the same of the mean of 20 such passes as
    `passes_...`.
    """
    x, y = development.validation.x, development.validation.y
    if development.spec.task == "regression":
        train = predict(model, development.train.x) - development.train.y
        return of_targets(predict(model, x) - y, train)
    probabilities = probabilities_of(model, x)
    found = of_classes(probabilities, y) | of_uncertainty(probabilities, y)
    first = probabilities_of(model, x, 0)
    if not np.array_equal(first, probabilities):
        others = [probabilities_of(model, x, n) for n in range(1, _PASSES)]
        mean = np.mean([first, *others], axis=0)
        found |= prefixed("passes_", of_classes(mean, y) | of_uncertainty(mean, y))
    return found


def predict(model: keras.Model, x: Any, number: int | None = None) -> Any:
    """The outputs of a model for rows x, [n, k] in float32; with a `number`, of one noisy pass."""
    batches = []
    for start in range(0, len(x), _BATCH):
        with contextlib.nullcontext() if number is None else sampling(number):
            batches.append(tf.cast(model(x[start : start + _BATCH], training=False), tf.float32))
    return tf.concat(batches, axis=0).numpy()


def probabilities_of(model: keras.Model, x: Any, number: int | None = None) -> Any:
    """The probabilities of classes, [n, k], as `predict` gives the outputs."""
    kind, n_outputs = head(model)
    outputs = predict(model, x, number)
    if n_outputs == 1:
        positive = tf.sigmoid(outputs).numpy() if kind == "logits" else outputs
        return np.concatenate([1 - positive, positive], axis=1)
    return tf.nn.softmax(outputs).numpy() if kind == "logits" else outputs
