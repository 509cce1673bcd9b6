"""The parts of the data as the engine reads them: arrays on the device, or streams of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tuner.data.dataset import Split, TrainValidation
from tuner.data.streams import StreamedRows
from tuner.dropout.tensors import Tensor

_SHUFFLED = 10_000


@dataclass(frozen=True)
class Arrays:
    """A part of the data on the device: x [n, ...] and y [n] or [n, k]."""

    x: Tensor
    y: Tensor

    @classmethod
    def of(cls, part: Split) -> "Arrays | Stream":
        """Copy a part to the device once, for all trials; a stream is read when it is needed."""
        rows: Tensor = part.x
        if isinstance(rows, StreamedRows):
            return Stream.of(rows, part.y)
        return cls(tf.convert_to_tensor(part.x), tf.convert_to_tensor(part.y))

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(self.x.shape[0])

    def batches(self, size: int) -> Iterator[tuple[Any, Any]]:
        """The rows in order, `size` at a time."""
        for start in range(0, self.n, size):
            yield self.x[start : start + size], self.y[start : start + size]


@dataclass(frozen=True)
class Stream:
    """A part of the data that is read anew each time: a tf.data.Dataset of `n` pairs (x, y)."""

    dataset: Any
    n: int

    @classmethod
    def of(cls, x: StreamedRows, y: Tensor) -> "Stream":
        """The pairs of x and y, in the types and shapes that these have."""

        def convert(row: Any, target: Tensor) -> tuple[Any, Any]:
            return tf.cast(row, x.dtype), tf.reshape(tf.cast(target, y.dtype), y.shape[1:])

        return cls(x.open().map(convert), len(x))

    def batches(self, size: int) -> Iterator[tuple[Any, Any]]:
        """The rows in order, `size` at a time."""
        yield from self.dataset.batch(size).prefetch(1)

    def shuffled(self, size: int, seed: int) -> Iterator[tuple[Any, Any]]:
        """The rows in an order that follows from `seed`, as far as a buffer of 10,000 goes."""
        mixed = self.dataset.shuffle(_SHUFFLED, seed=seed % 2**31, reshuffle_each_iteration=False)
        yield from mixed.batch(size).prefetch(1)


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
