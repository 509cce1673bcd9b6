"""Data sets of Keras and tf.data as rows in the types and shapes that a part has."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tuner.data._arrays import Stream
from tuner.data.dataset import Split
from tuner.data.streams import StreamedRows
from tuner.data.structure import each, leaves


def as_stream(batches: Any) -> Stream:
    """The rows of a PyDataset, batch by batch in its own order, which may change after a pass."""

    def read() -> Iterator[Any]:
        for number in range(len(batches)):
            yield _batch(batches[number])
        batches.on_epoch_end()

    signature = each(_any_number_of_rows, _batch(batches[0]))
    return tf.data.Dataset.from_generator(read, output_signature=signature).unbatch()


def opened(part: Split) -> Stream:
    """The elements (x, y) or (x, y, weight) of a part of streamed rows, a row each."""
    given = (part.x, part.y) if part.weight is None else (part.x, part.y, part.weight)

    def convert(*element: Any) -> Any:
        return each(lambda rows: _row(element, rows), given)

    return leaves(part.x)[0].open().map(convert)


def _row(element: Any, rows: StreamedRows) -> Any:
    """A value of an element, in the type and shape that the part has."""
    value = functools.reduce(lambda part, name: part[name], rows.path, element)
    value = value if rows.dtype == "string" else tf.cast(value, rows.dtype)
    shape = rows.shape[1:]
    return tf.ensure_shape(value, shape) if None in shape else tf.reshape(value, shape)


def _batch(given: Any) -> Any:
    """A batch as a tuple of NumPy arrays in dicts and tuples."""
    as_tuples = tuple(part for part in given if part is not None)
    return each(np.asarray, _tuples(as_tuples))


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def _any_number_of_rows(array: Any) -> tf.TensorSpec:
    return tf.TensorSpec([None, *array.shape[1:]], tf.as_dtype(array.dtype))
