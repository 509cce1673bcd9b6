"""The answers of a trained model: probabilities of classes, or targets."""

import contextlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.spec import Task
from tuner.dropout.graph import head
from tuner.dropout.stochastic import sampling
from tuner.dropout.tensors import Tensor

_BATCH = 1024


def answer(model: keras.Model, x: Tensor, task: Task, number: int | None = None) -> Any:
    """Probabilities of classes, or standardized targets, [n, k]; with a `number`, of a noisy pass.

    A model of one output for two classes answers for both.
    """
    outputs = predict(model, x, number)
    if task == "regression":
        return outputs
    kind, n_outputs = head(model)
    if n_outputs == 1:
        positive = tf.sigmoid(outputs).numpy() if kind == "logits" else outputs
        return np.concatenate([1 - positive, positive], axis=1)
    return tf.nn.softmax(outputs).numpy() if kind == "logits" else outputs


def predict(model: keras.Model, x: Tensor, number: int | None = None) -> Any:
    """The outputs of a model for rows x, [n, k] in float32; with a `number`, of one noisy pass."""
    batches = []
    for start in range(0, len(x), _BATCH):
        with contextlib.nullcontext() if number is None else sampling(number):
            batches.append(tf.cast(model(x[start : start + _BATCH], training=False), tf.float32))
    return tf.concat(batches, axis=0).numpy()
