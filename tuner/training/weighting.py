"""What the rows of a class count in the loss."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner.data.dataset import TrainValidation
from tuner.dropout.tensors import Tensor
from tuner.errors import UsageError, unknown
from tuner.training.batches import Arrays
from tuner.training.owner import Rows

BALANCED = "balanced"
_BATCH = 100_000
Given = str | Mapping[str, float] | None
"""As [training] class_weight has it: "balanced", a weight by class, or nothing."""


class ClassWeights:
    """The weights of the classes as a variable of a program, or none; `assign` is for the rows.

    With "balanced" all classes count the same together: n / (classes x rows of the class).
    """

    def __init__(self, given: Given, data: TrainValidation) -> None:
        self._given = given
        self._of_class = None
        if given is not None:
            self._of_class = tf.Variable(tf.ones([_n_classes(data)]), trainable=False)

    def assign(self, data: TrainValidation) -> None:
        """Take the weights for the rows to train on of `data`."""
        if self._of_class is not None and self._given is not None:
            self._of_class.assign(weights_of(self._given, data))

    def weigh(self, rows: Rows) -> Rows:
        """A batch with the weights of its classes; those that the rows had before multiply them."""
        if self._of_class is None:
            return rows
        x, y, *before = rows
        weight = tf.gather(self._of_class, tf.cast(_classes(y), tf.int32))
        return (x, y, weight * before[0] if before else weight)


def weights_of(given: str | Mapping[str, float], data: TrainValidation) -> NDArray[np.float32]:
    """The weight of each class, [classes]; UsageError where a class is unknown."""
    n = _n_classes(data)
    if isinstance(given, str):
        counts = counts_of(data)
        return np.asarray(counts.sum() / (n * np.maximum(counts, 1)), "float32")
    names = list(data.classes) or [str(each) for each in range(n)]
    for name in given:
        if name not in names:
            raise UsageError(f"training.class_weight: {unknown('class', name, names)}")
    return np.array([given.get(name, 1.0) for name in names], "float32")


def counts_of(data: TrainValidation) -> NDArray[np.int64]:
    """How many of the rows to train on each class has, [classes]."""
    parts = (_classes(y).numpy() for _, y, *_ in Arrays.of(data.train).batches(_BATCH))
    counts = np.zeros(_n_classes(data), "int64")
    for part in parts:
        counts += np.bincount(part.astype(int), minlength=len(counts))
    return counts


def _n_classes(data: TrainValidation) -> int:
    shape: tuple[int, ...] = tuple(getattr(data.train.y, "shape", ()))
    if len(shape) not in (1, 2) or data.spec.task not in ("classification", "own"):
        raise UsageError("training.class_weight: the targets are not one class for each row")
    if data.spec.task == "classification":
        return int(data.spec.n_outputs)
    return shape[1] if len(shape) == 2 and shape[1] > 1 else 2


def _classes(y: Tensor) -> Any:
    """The class of each row [batch], also where they are given [batch, 1] or one-hot."""
    if y.shape.rank == 2 and y.shape[1] > 1:
        return tf.argmax(y, axis=-1)
    return tf.reshape(y, [-1])
