"""The answers of a trained model: probabilities of classes, or targets."""

import contextlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Split, TrainValidation
from tuner.data.spec import Task
from tuner.data.stored import in_memory
from tuner.dropout.graph import head
from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.stochastic import sampling
from tuner.dropout.tensors import Tensor
from tuner.training.metrics import LEAST_VARIANCE, metric_of, nll_of_targets

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

    def outputs(rows: slice) -> Any:
        with contextlib.nullcontext() if number is None else sampling(number):
            return tf.cast(model(in_memory(x[rows]), training=False), tf.float32)

    return _in_batches(outputs, len(x))


def metric_on(
    rebuilt: Rebuilt, data: TrainValidation, metric: str
) -> Callable[[Tensor, Tensor, Any], float]:
    """What gives the metric of a model on rows x, y and weights, without noise, in units of y."""
    task, y_scale = data.spec.task, data.scaling.y_scale
    if task == "regression" and metric == "nll":
        return nll_on(rebuilt, data)
    return lambda x, y, w: metric_of(metric, answer(rebuilt.model, x, task), y, y_scale, w)


def nll_on(rebuilt: Rebuilt, data: TrainValidation) -> Callable[[Tensor, Tensor, Any], float]:
    """What gives the NLL of a model on rows x, standardized y and weights, in the units of y."""
    model, y_scale = rebuilt.model, data.scaling.y_scale
    variance, density = noise_variance(rebuilt, data), rebuilt.variant.density

    def nll(x: Tensor, y: Tensor, weight: Any) -> float:
        if density is None:
            return nll_of_targets(predict(model, x)[None], y, variance, y_scale, weight)
        logs = _in_batches(lambda rows: density(model, in_memory(x[rows]), y[rows])[1], len(x))
        return float(np.log(y_scale).sum() - np.average(logs, weights=weight))

    return nll


def noise_variance(rebuilt: Rebuilt, data: TrainValidation) -> Any:
    """The variance [k] of standardized targets around what a model answers.

    1 / tau where its variant states a precision, else that of the residuals of the rows that it was
    trained on: its maximum likelihood there.
    """
    precision = rebuilt.variant.precision
    if precision is not None:
        return np.full(data.spec.n_outputs, 1 / float(precision(rebuilt.model)))
    residuals = predict(rebuilt.model, data.train.x) - data.train.y
    found = np.average(np.square(residuals), axis=0, weights=weight_of(rebuilt, data.train))
    return np.maximum(found, LEAST_VARIANCE)


def weight_of(rebuilt: Rebuilt, part: Split) -> Any:
    """What rows count in a metric, [n]; None for 1 each, as an owner's compile has it."""
    return None if rebuilt.plain.compiled else part.weight


def _in_batches(of: Callable[[slice], Any], n: int) -> Any:
    """What `of` gives for each batch of n rows, together."""
    starts = range(0, n, _BATCH)
    return tf.concat([of(slice(start, start + _BATCH)) for start in starts], axis=0).numpy()
