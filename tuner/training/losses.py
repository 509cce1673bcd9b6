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
from tuner.dropout.variant import Variant
from tuner.errors import UsageError

_EPSILON = 1e-7
_PerExample = Callable[[Any, Any], Any]
"""(y, outputs) -> [batch]."""


@dataclass(frozen=True)
class Scorer:
    """`loss(y, outputs)` and `metric(y, outputs)` give [batch]; `finish(mean)` gives the metric.

    `predict(x, y)` gives outputs without noise and their metric, [batch]. `y_scale` [k] times
    standardized targets are those in their own units; `variance` [k], where the metric needs it, is
    that of the residuals on the rows that are trained on. Whoever trains assigns both.
    """

    loss: Callable[[Any, Any], Any]
    metric: Callable[[Any, Any], Any]
    predict: Callable[[Any, Any], tuple[Any, Any]]
    finish: Callable[[float], float]
    y_scale: tf.Variable
    variance: tf.Variable | None = None


def make_scorer(model: keras.Model, variant: Variant, spec: Spec, metric: str) -> Scorer:
    """The scorer of a model: cross-entropy or squared error, and `metric` in the units of y.

    Raises UsageError where the outputs of the model do not fit the data.
    """
    _check_outputs(model, spec)
    is_classes = spec.task == "classification"
    y_scale = tf.Variable(tf.ones([1 if is_classes else spec.n_outputs]), trainable=False)
    if not is_classes and metric == "nll":
        return _density(model, variant, y_scale)
    if is_classes:
        loss, values = _classification(model, metric)
    else:
        loss, values = _squared, _in_units(metric, y_scale)

    def predict(x: Tensor, y: Tensor) -> tuple[Any, Any]:
        outputs = model(x, training=False)
        return outputs, values(y, outputs)

    return Scorer(loss, values, predict, math.sqrt if metric == "rmse" else float, y_scale)


def _check_outputs(model: keras.Model, spec: Spec) -> None:
    shape = tuple(model.output_shape)
    binary = spec.task == "classification" and spec.n_outputs == 2 and shape[1:] == (1,)
    if shape[1:] != (spec.n_outputs,) and not binary:
        what = "classes" if spec.task == "classification" else "targets"
        raise UsageError(
            f"model {model.name!r} has outputs of shape {shape}, the data has {spec.n_outputs}"
            f" {what}: end the model with keras.layers.Dense(spec.n_outputs)"
        )


def _classification(model: keras.Model, metric: str) -> tuple[_PerExample, _PerExample]:
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

    return cross_entropy, correct if metric == "accuracy" else cross_entropy


def _squared(y: Tensor, outputs: Tensor) -> Any:
    return tf.reduce_mean(tf.square(tf.cast(outputs, tf.float32) - y), axis=-1)


def _in_units(metric: str, y_scale: tf.Variable) -> _PerExample:
    def squared(y: Tensor, outputs: Tensor) -> Any:
        return _squared(y * y_scale, tf.cast(outputs, tf.float32) * y_scale)

    def absolute(y: Tensor, outputs: Tensor) -> Any:
        return tf.reduce_mean(tf.abs(tf.cast(outputs, tf.float32) - y) * y_scale, axis=-1)

    return absolute if metric == "mae" else squared


def _density(model: keras.Model, variant: Variant, y_scale: tf.Variable) -> Scorer:
    """The negative log density of the targets of a row, which of its k targets add up.

    It is normal around the answer, of the precision that the variant states or else the variance of
    the residuals, or what the variant says.
    """
    precision, density = variant.precision, variant.density
    fitted = tf.Variable(tf.ones_like(y_scale), trainable=False)

    def normal(y: Tensor, outputs: Tensor) -> Any:
        variance = tf.convert_to_tensor(fitted if precision is None else 1.0 / precision(model))
        squares = tf.square(tf.cast(outputs, tf.float32) - y) / variance
        nll = 0.5 * (squares + tf.math.log(2.0 * math.pi * variance)) + tf.math.log(y_scale)
        return tf.reduce_sum(nll, axis=-1)

    def predict(x: Tensor, y: Tensor) -> tuple[Any, Any]:
        if density is None:
            outputs = model(x, training=False)
            return outputs, normal(y, outputs)
        outputs, logs = density(model, x, y)
        return outputs, tf.reduce_sum(tf.math.log(y_scale)) - logs

    variance = fitted if precision is None else None
    return Scorer(_squared, normal, predict, float, y_scale, variance)
