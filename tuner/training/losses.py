"""Losses and metrics, an example at a time, so that they sum over batches of any size."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tuner.data.spec import Spec
from tuner.dropout.graph import head
from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError

_EPSILON = 1e-7


@dataclass(frozen=True)
class Scorer:
    """`loss(y, outputs)` and `metric(y, outputs)` give [batch]; `finish(mean)` gives the metric."""

    loss: Callable[[Any, Any], Any]
    metric: Callable[[Any, Any], Any]
    finish: Callable[[float], float]


def make_scorer(model: keras.Model, spec: Spec, metric: str, y_scale: Any) -> Scorer:
    """The scorer of a model: cross-entropy or squared error, and `metric` in the units of y.

    Raises UsageError where the outputs of the model do not fit the data.
    """
    _check_outputs(model, spec)
    if spec.task == "classification":
        return _classification(model, metric)
    return _regression(metric, tf.constant(y_scale, tf.float32))


def _check_outputs(model: keras.Model, spec: Spec) -> None:
    shape = tuple(model.output_shape)
    binary = spec.task == "classification" and spec.n_outputs == 2 and shape[1:] == (1,)
    if shape[1:] != (spec.n_outputs,) and not binary:
        what = "classes" if spec.task == "classification" else "targets"
        raise UsageError(
            f"model {model.name!r} has outputs of shape {shape}, the data has {spec.n_outputs}"
            f" {what}: end the model with keras.layers.Dense(spec.n_outputs)"
        )


def _classification(model: keras.Model, metric: str) -> Scorer:
    kind, n_outputs = head(model)

    def log_odds(outputs: Tensor) -> Any:
        if kind == "logits":
            return outputs
        clipped = tf.clip_by_value(outputs, _EPSILON, 1.0 - _EPSILON)
        return tf.math.log(clipped) - tf.math.log1p(-clipped)

    def cross_entropy(y: Tensor, outputs: Tensor) -> Any:
        outputs = tf.cast(outputs, tf.float32)
        if n_outputs == 1:
            z = log_odds(outputs[:, 0])
            return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(y, tf.float32), z)
        from_logits = kind == "logits"
        return keras.losses.sparse_categorical_crossentropy(y, outputs, from_logits=from_logits)

    def correct(y: Tensor, outputs: Tensor) -> Any:
        if n_outputs == 1:
            best = tf.cast(outputs[:, 0] > (0.0 if kind == "logits" else 0.5), y.dtype)
        else:
            best = tf.argmax(outputs, axis=-1, output_type=y.dtype)
        return tf.cast(best == y, tf.float32)

    return Scorer(cross_entropy, correct if metric == "accuracy" else cross_entropy, float)


def _regression(metric: str, y_scale: Any) -> Scorer:
    def squared(y: Tensor, outputs: Tensor) -> Any:
        return tf.reduce_mean(tf.square(tf.cast(outputs, tf.float32) - y), axis=-1)

    def squared_in_units(y: Tensor, outputs: Tensor) -> Any:
        return squared(y * y_scale, tf.cast(outputs, tf.float32) * y_scale)

    def absolute_in_units(y: Tensor, outputs: Tensor) -> Any:
        return tf.reduce_mean(tf.abs(tf.cast(outputs, tf.float32) - y) * y_scale, axis=-1)

    per_example = absolute_in_units if metric == "mae" else squared_in_units
    return Scorer(squared, per_example, math.sqrt if metric == "rmse" else float)
