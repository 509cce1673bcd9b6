"""The parts of the data as the engine reads them: arrays on the device, or streams of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Split, TrainValidation
from tuner.data.keras_data import opened
from tuner.data.stored import StoredRows, in_memory
from tuner.data.streams import StreamedRows
from tuner.dropout.tensors import Tensor
from tuner.training.ahead import read_ahead
from tuner.training.clock import Clock

_SHUFFLED = 10_000
_AHEAD = 4
WAIT = "waiting for rows"
"""What a clock calls the time until a batch is there."""

Batch = tuple[Any, ...]
"""Rows x, targets y, and where there are any the weights of the rows."""


@dataclass(frozen=True)
class Arrays:
    """A part of the data on the device: structures x and y of tensors [n, ...], weights [n]."""

    x: Any
    y: Any
    weight: Tensor | None = None

    @classmethod
    def of(cls, part: Split, clock: Clock | None = None) -> "Data":
        """Copy a part to the device once, for all trials; others are read when they are needed."""
        if isinstance(_first(part), StreamedRows):
            return Stream.of(part, clock)
        if is_streamed(part):
            return Stored(part, clock or Clock())
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

    def shuffled(self, size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """The rows in an order that is drawn."""
        for chosen in _pieces(generator.permutation(self.n).astype("int32"), size):
            yield keras.tree.map_structure(partial(tf.gather, indices=chosen), self.rows)


@dataclass(frozen=True)
class Stored:
    """A part of the data whose rows are read from their file, ahead of the steps."""

    part: Split
    clock: Clock

    @property
    def n(self) -> int:
        """How many rows there are."""
        return self.part.n

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, `size` at a time."""
        return self._batches(np.arange(self.n), size)

    def shuffled(self, size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """The rows in an order that is drawn, as that of arrays is."""
        return self._batches(generator.permutation(self.n), size)

    def _batches(self, order: Any, size: int) -> Iterator[Batch]:
        read = partial(_on_device, self.part)
        return self.clock.waiting(WAIT, read_ahead(read, _pieces(order, size)))


@dataclass(frozen=True)
class Stream:
    """A part of the data that is read anew each time: a tf.data.Dataset of `n` (x, y, weight)."""

    dataset: Any
    n: int
    clock: Clock

    @classmethod
    def of(cls, part: Split, clock: Clock | None = None) -> "Stream":
        """The rows of a part, in the types and shapes that it has."""
        return cls(opened(part), part.n, clock or Clock())

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows in order, `size` at a time."""
        yield from self.clock.waiting(WAIT, _batched(self.dataset, size))

    def shuffled(self, size: int, generator: np.random.Generator) -> Iterator[Batch]:
        """The rows in an order that is drawn, as far as a buffer of 10,000 goes."""
        seed = int(generator.integers(2**31))
        mixed = self.dataset.shuffle(_SHUFFLED, seed=seed, reshuffle_each_iteration=False)
        yield from self.clock.waiting(WAIT, _batched(mixed, size))


def _batched(rows: Any, size: int) -> Any:
    """Batches of rows; those of different lengths are filled up with zeros at the end."""
    is_even = all(leaf.shape.is_fully_defined() for leaf in tf.nest.flatten(rows.element_spec))
    return (rows.batch(size) if is_even else rows.padded_batch(size)).prefetch(_AHEAD)


def n_rows(rows: Batch) -> Tensor:
    """How many rows a batch has, a scalar."""
    return tf.shape(keras.tree.flatten(rows[0])[0])[0]


def is_streamed(part: Split) -> bool:
    """Whether the rows of a part are read anew each time."""
    arrays = keras.tree.flatten(part.x)
    return any(isinstance(rows, StreamedRows | StoredRows) for rows in arrays)


def _first(part: Split) -> Any:
    return keras.tree.flatten(part.x)[0]


def _pieces(order: Any, size: int) -> Iterator[Any]:
    return (order[start : start + size] for start in range(0, len(order), size))


def first_rows(part: Split, n: int) -> Batch:
    """The first n rows of a part, on the device."""
    if isinstance(_first(part), StreamedRows):
        batch: Batch = next(Stream.of(part).batches(n))
        return batch
    return _on_device(part, slice(n))


def _on_device(part: Split, rows: Any) -> Batch:
    """Some rows of a part."""
    given = (part.x, part.y) if part.weight is None else (part.x, part.y, part.weight)
    taken: Batch = keras.tree.map_structure(
        lambda array: tf.convert_to_tensor(in_memory(array[rows])), given
    )
    return taken


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
    train: "Data"
    validation: "Data"

    @classmethod
    def of(cls, data: TrainValidation, clock: Clock) -> "Fold":
        """The parts of a fold, copied to the device where they are in memory.

        The time for which others are waited for is counted.
        """
        return cls(data, Arrays.of(data.train, clock), Arrays.of(data.validation, clock))


Data = Arrays | Stored | Stream
