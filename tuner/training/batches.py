"""The parts of the data as the engine reads them: arrays on the device, or streams of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import keras
import tensorflow as tf

from tuner.data.dataset import Split, TrainValidation
from tuner.data.keras_data import opened
from tuner.data.streams import StreamedRows
from tuner.dropout.tensors import Tensor

_SHUFFLED = 10_000
Batch = tuple[Any, Any, Any]
"""Rows x, targets y, and the weights of the rows, or None."""


@dataclass(frozen=True)
class Arrays:
    """A part of the data on the device: structures x and y of tensors [n, ...], weights [n]."""

    x: Any
    y: Any
    weight: Tensor | None = None

    @classmethod
    def of(cls, part: Split) -> "Arrays | Stream":
        """Copy a part to the device once, for all trials; a stream is read when it is needed."""
        if isinstance(keras.tree.flatten(part.x)[0], StreamedRows):
            return Stream.of(part)
        given = (part.x, part.y, part.weight)
        return cls(*keras.tree.map_structure(tf.convert_to_tensor, given, none_is_leaf=False))

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(keras.tree.flatten(self.x)[0].shape[0])

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, `size` at a time."""
        given = (self.x, self.y, self.weight)
        for start in range(0, self.n, size):
            rows = itemgetter(slice(start, start + size))
            yield keras.tree.map_structure(rows, given, none_is_leaf=False)


@dataclass(frozen=True)
class Stream:
    """A part of the data that is read anew each time: a tf.data.Dataset of `n` (x, y, weight)."""

    dataset: Any
    n: int

    @classmethod
    def of(cls, part: Split) -> "Stream":
        """The rows of a part, in the types and shapes that it has."""
        return cls(opened(part), part.n)

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, `size` at a time."""
        yield from _triples(self.dataset, size)

    def shuffled(self, size: int, seed: int) -> Iterator[Batch]:
        """The rows in an order that follows from `seed`, as far as a buffer of 10,000 goes."""
        mixed = self.dataset.shuffle(_SHUFFLED, seed=seed % 2**31, reshuffle_each_iteration=False)
        yield from _triples(mixed, size)


def _triples(rows: Any, size: int) -> Iterator[Batch]:
    """Batches of rows; those of different lengths are filled up with zeros at the end."""
    is_even = all(leaf.shape.is_fully_defined() for leaf in tf.nest.flatten(rows.element_spec))
    batches = rows.batch(size) if is_even else rows.padded_batch(size)
    return map(keras.utils.unpack_x_y_sample_weight, batches.prefetch(1))


@dataclass(frozen=True)
class Fold:
    """A fold of the data, and its parts as they are trained and judged on."""

    data: TrainValidation
    train: Arrays | Stream
    validation: Arrays | Stream

    @classmethod
    def of(cls, data: TrainValidation) -> "Fold":
        """The parts of a fold, copied to the device."""
        return cls(data, Arrays.of(data.train), Arrays.of(data.validation))


Data = Arrays | Stream
