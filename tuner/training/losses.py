"""Losses and metrics, an example at a time, so that they sum over batches of any size."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.spec import Spec
from tuner.dropout.graph import head
from tuner.dropout.keras_internals import is_model
from tuner.dropout.tensors import Tensor
from tuner.dropout.variant import Variant
from tuner.errors import UsageError

_EPSILON = 1e-7
PerExample = Callable[[Any, Any], Any]
"""(y, outputs) -> [batch]."""
Answers = Callable[[], Any]


def of_task(model: keras.Model, spec: Spec, answers: Answers) -> PerExample:
    """Cross-entropy of classes and of labels, squared error of targets.

    `answers()` are some of the model's, [n, ...], where its graph does not say what it ends in.

    Raises UsageError where the outputs of the model do not fit the data, or only an owner can say.
    """
    if spec.task == "own":
        raise UsageError(
            f"model {model.name!r} has targets that only its compile can tell the loss of:"
            " model.compile(optimizer, loss=..., metrics=[...])"
        )
    _check_outputs(model, spec)
    if spec.task == "multilabel":
        return _labels(ends_in(model, answers)[0])
    return _squared if spec.task == "regression" else _classification(*ends_in(model, answers))[0]


def by_row(
    model: keras.Model, spec: Spec, metric: str, y_scale: tf.Variable, answers: Answers
) -> PerExample:
    """A metric that is a mean over the rows, or the root of one: accuracy, nll; rmse, mae, mse."""
    _check_outputs(model, spec)
    if spec.task == "classification":
        return _classification(*ends_in(model, answers))[metric == "accuracy"]
    return _in_units(metric, y_scale)


def fits(model: keras.Model, spec: Spec) -> bool:
    """Whether a model answers each row with a number for each class, label or target.

    One number may answer for two classes. What a model of no graph answers is not known.
    """
    targets = getattr(spec.targets, "shape", ())
    if not isinstance(spec.n_outputs, int):
        return False
    if spec.task == "classification" and targets not in ((), (spec.n_outputs,)):
        return False
    shape = getattr(model, "output_shape", None)
    is_binary = spec.task == "classification" and spec.n_outputs == 2
    return shape is None or shape[1:] == (spec.n_outputs,) or (is_binary and shape[1:] == (1,))


def _check_outputs(model: keras.Model, spec: Spec) -> None:
    if not fits(model, spec):
        what = {"classification": "classes", "multilabel": "labels"}.get(spec.task, "targets")
        raise UsageError(
            f"model {model.name!r} has outputs of shape {model.output_shape}, the data has"
            f" {spec.n_outputs} {what}: end the model with keras.layers.Dense(spec.n_outputs)"
        )


def ends_in(model: keras.Model, answers: Answers) -> tuple[str, int]:
    """What `head` says of a model, or where it has no graph what its answers look like."""
    if is_model(model):
        return head(model)
    values = np.asarray(answers(), "float32")
    n_outputs = int(values.shape[-1])
    is_share = values.min() >= 0 and values.max() <= 1
    is_whole = n_outputs == 1 or bool(np.allclose(values.sum(axis=-1), 1, atol=1e-3))
    return ("probabilities" if is_share and is_whole else "logits"), n_outputs


def _classification(kind: str, n_outputs: int) -> tuple[PerExample, PerExample]:
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
        if y.shape.rank > 1:  # a probability for each class
            shares = tf.cast(y, tf.float32)
            return keras.losses.categorical_crossentropy(shares, outputs, from_logits=from_logits)
        return keras.losses.sparse_categorical_crossentropy(y, outputs, from_logits=from_logits)

    def correct(y: Tensor, outputs: Tensor) -> Any:
        y = tf.argmax(y, axis=-1) if y.shape.rank > 1 else tf.cast(y, tf.int64)
        if n_outputs == 1:
            best = tf.cast(outputs[:, 0] > (0.0 if kind == "logits" else 0.5), tf.int64)
        else:
            best = tf.argmax(outputs, axis=-1)
        return tf.cast(best == y, tf.float32)

    return cross_entropy, correct


def _labels(kind: str) -> PerExample:
    is_logits = kind == "logits"

    def cross_entropy(y: Tensor, outputs: Tensor) -> Any:
        y, outputs = (tf.cast(each, tf.float32) for each in (y, outputs))
        return keras.losses.binary_crossentropy(y, outputs, from_logits=is_logits)

    return cross_entropy


def _squared(y: Tensor, outputs: Tensor) -> Any:
    return tf.reduce_mean(tf.square(tf.cast(outputs, tf.float32) - y), axis=-1)


def _in_units(metric: str, y_scale: tf.Variable) -> PerExample:
    def squared(y: Tensor, outputs: Tensor) -> Any:
        return _squared(y * y_scale, tf.cast(outputs, tf.float32) * y_scale)

    def absolute(y: Tensor, outputs: Tensor) -> Any:
        return tf.reduce_mean(tf.abs(tf.cast(outputs, tf.float32) - y) * y_scale, axis=-1)

    return absolute if metric == "mae" else squared


class Density:
    """The negative log density of the targets of a row, which of its k targets add up.

    It is normal around the answer, of the precision that the variant states or else the `variance`
    of the residuals, or what the variant says (`is_stated`).
    """

    def __init__(self, model: keras.Model, variant: Variant, y_scale: tf.Variable) -> None:
        self._model, self._variant, self._y_scale = model, variant, y_scale
        self._fitted = tf.Variable(tf.ones_like(y_scale), trainable=False)
        self.variance = self._fitted if variant.precision is None else None
        self.is_stated = variant.density is not None

    def normal(self, y: Tensor, outputs: Tensor) -> Any:
        """That of each row under a normal density around the answers, [batch]."""
        precision = self._variant.precision
        variance = self._fitted if precision is None else 1.0 / precision(self._model)
        variance = tf.convert_to_tensor(variance)
        squares = tf.square(tf.cast(outputs, tf.float32) - y) / variance
        nll = 0.5 * (squares + tf.math.log(2.0 * math.pi * variance)) + tf.math.log(self._y_scale)
        return tf.reduce_sum(nll, axis=-1)

    def predict(self, x: Tensor, y: Tensor) -> tuple[Any, Any]:
        """The answers of the model, and that of each row under what the variant states."""
        assert self._variant.density is not None  # noqa: S101
        outputs, logs = self._variant.density(self._model, x, y)
        return outputs, tf.reduce_sum(tf.math.log(self._y_scale)) - logs
