"""Targets and answers of a batch as a metric of Keras takes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError, unknown
from tuner.training.keras_training import mask_of

if TYPE_CHECKING:
    from tuner.training.logits import Head

OF_CLASSES = (
    keras.metrics.SparseCategoricalAccuracy,
    keras.metrics.SparseCategoricalCrossentropy,
    keras.metrics.SparseTopKCategoricalAccuracy,
    keras.metrics.IoU,
)
"""They take classes as whole numbers, whatever the model answers."""

OF_A_SIDE = (
    keras.metrics.AUC,
    keras.metrics.Precision,
    keras.metrics.Recall,
    keras.metrics.BinaryAccuracy,
    keras.metrics.BinaryCrossentropy,
    keras.metrics.FBetaScore,
)
"""Of two classes they take the probability of the second."""


OF_ANSWERS = (
    *OF_CLASSES,
    *OF_A_SIDE,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.CategoricalCrossentropy,
    keras.metrics.TopKCategoricalAccuracy,
    keras.metrics.KLDivergence,
    keras.metrics.FalseNegatives,
    keras.metrics.FalsePositives,
    keras.metrics.TrueNegatives,
    keras.metrics.TruePositives,
)
"""They take probabilities, not logits; all others take what the model answers."""


def output_names(model: keras.Model, outputs: Any) -> list[str]:
    """The names of several outputs, in the order of their leaves; none where there is one."""
    if not isinstance(outputs, dict | list | tuple) or len(outputs) < 2:
        return []
    if isinstance(outputs, dict):
        return [str(name) for name in outputs]
    names = list(getattr(model, "output_names", None) or ())
    return names if len(names) == len(outputs) else [str(n) for n in range(len(outputs))]


def chooser(names: list[str], name: str, metric: str) -> Callable[[Any], Any]:
    """What takes the output `name` out of targets or answers; the only one where it is "".

    Raises UsageError where there is no such output, or none of several was named.
    """
    if not names and not name:
        return lambda given: given if not isinstance(given, dict | list | tuple) else _only(given)
    if name not in names:
        if name:
            raise UsageError(f"metric {metric!r}: {unknown('output', name, names)}")
        choices = ", ".join(f"{each}.{metric}" for each in names)
        raise UsageError(f"metric {metric!r}: of which output? {choices}")
    place = names.index(name)
    return lambda given: given[name] if isinstance(given, dict) else given[place]


def _only(given: Any) -> Any:
    return next(iter(given.values())) if isinstance(given, dict) else given[0]


def are_classes(y: Tensor, answers: Tensor) -> bool:
    """Whether the targets are whole numbers, one for each row of answers over classes."""
    n, rank = answers.shape[-1], y.shape.rank
    return rank < answers.shape.rank or (n is not None and n > 1 and rank > 1 and y.shape[-1] == 1)


def aligned(
    metric: keras.metrics.Metric, y: Tensor, answers: Tensor, head: "Head"
) -> tuple[Any, Any, Any]:
    """(targets [m, k] or [m], answers [m, k], weights [m] or None) as `metric` takes them.

    What comes before the last axis counts as rows; those that a mask of the model leaves out have
    the weight 0. Where the metric judges classes, logits become probabilities.
    """
    mask = mask_of(answers)
    weights = None if mask is None else tf.reshape(tf.cast(mask, tf.float32), [-1])
    is_sparse, k = are_classes(y, answers), head.size
    if isinstance(metric, OF_ANSWERS):
        answers = head.probabilities(answers)
    wide = tf.float64 if answers.dtype == tf.float64 else tf.float32
    answers = tf.reshape(tf.cast(answers, wide), [-1, k])
    if isinstance(metric, OF_CLASSES):
        y = tf.reshape(y, [-1]) if is_sparse or k == 1 else tf.argmax(tf.reshape(y, [-1, k]), -1)
        return y, _for_classes(metric, answers), weights
    if not is_sparse or k == 1:
        return tf.reshape(tf.cast(y, wide), [-1, k]), answers, weights
    y = tf.reshape(y, [-1])
    if k == 2 and isinstance(metric, OF_A_SIDE):
        return tf.cast(y, tf.float32)[:, None], answers[:, 1:], weights
    return tf.one_hot(tf.cast(y, tf.int32), k), answers, weights


def _for_classes(metric: keras.metrics.Metric, answers: Tensor) -> Tensor:
    """Of one answer for two classes both, and for overlaps the class itself."""
    if answers.shape[-1] == 1:
        answers = tf.concat([1.0 - answers, answers], axis=-1)
    return tf.argmax(answers, axis=-1) if isinstance(metric, keras.metrics.IoU) else answers
