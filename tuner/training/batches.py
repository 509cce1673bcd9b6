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
Batch = tuple[Any, ...]
"""Rows x, targets y, and where there are any the weights of the rows."""


@dataclass(frozen=True)
class Arrays:
    """A part of the data on the device: structures x and y of tensors [n, ...], weights [n]."""

    x: Any
    y: Any
    weight: Tensor | None = None

    @classmethod
    def of(cls, part: Split) -> "Arrays | Stream":
        """Copy a part to the device once, for all trials; a stream is read when it is needed."""
        if is_streamed(part):
            return Stream.of(part)
        given = (part.x, part.y, part.weight)
        return cls(*keras.tree.map_structure(tf.convert_to_tensor, given, none_is_leaf=False))

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(keras.tree.flatten(self.x)[0].shape[0])

    @property
    def rows(self) -> Batch:
        """All rows, as a batch."""
        return (self.x, self.y) if self.weight is None else (self.x, self.y, self.weight)

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, `size` at a time."""
        for start in range(0, self.n, size):
            yield keras.tree.map_structure(itemgetter(slice(start, start + size)), self.rows)


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
        yield from _batched(self.dataset, size)

    def shuffled(self, size: int, seed: int) -> Iterator[Batch]:
        """The rows in an order that follows from `seed`, as far as a buffer of 10,000 goes."""
        mixed = self.dataset.shuffle(_SHUFFLED, seed=seed % 2**31, reshuffle_each_iteration=False)
        yield from _batched(mixed, size)


def _batched(rows: Any, size: int) -> Any:
    """Batches of rows; those of different lengths are filled up with zeros at the end."""
    is_even = all(leaf.shape.is_fully_defined() for leaf in tf.nest.flatten(rows.element_spec))
    return (rows.batch(size) if is_even else rows.padded_batch(size)).prefetch(1)


def n_rows(rows: Batch) -> Tensor:
    """How many rows a batch has, a scalar."""
    return tf.shape(keras.tree.flatten(rows[0])[0])[0]


def is_streamed(part: Split) -> bool:
    """Whether the rows of a part are read anew each time."""
    return isinstance(keras.tree.flatten(part.x)[0], StreamedRows)


def first_rows(part: Split, n: int) -> Batch:
    """The first n rows of a part, on the device."""
    if is_streamed(part):
        batch: Batch = next(Stream.of(part).batches(n))
        return batch
    given = (part.x, part.y) if part.weight is None else (part.x, part.y, part.weight)
    rows: Batch = keras.tree.map_structure(lambda a: tf.convert_to_tensor(a[:n]), given)
    return rows


def specs_of(part: Split) -> Batch:
    """What a batch of a part is, of any size, as tf.TensorSpec."""
    given = (part.x, part.y) if part.weight is None else (part.x, part.y, part.weight)
    specs: Batch = keras.tree.map_structure(_spec, given)
    return specs


def _spec(rows: Any) -> tf.TensorSpec:
    is_text = getattr(rows.dtype, "kind", " ") in "OSUT"
    return tf.TensorSpec([None, *rows.shape[1:]], tf.string if is_text else rows.dtype)


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
