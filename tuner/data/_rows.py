"""Anything that has rows, as a structure of NumPy arrays: the rest of the room knows only those."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._plain import native, plain
from tuner.data.structure import each
from tuner.errors import UsageError

Array = NDArray[Any]


def as_structure(value: Any, n: int | None, notes: list[str]) -> Any:
    """Dicts and tuples of arrays; a list is one of arrays where each of them has all `n` rows.

    What was done to them is added to `notes`. Raises ValueError where something is no array.
    """
    if isinstance(value, Mapping):
        if not value:
            raise ValueError("expected arrays by their names, got no array")
        return {str(name): as_structure(part, n, notes) for name, part in value.items()}
    is_rows = isinstance(value, tuple) and not any(map(_has_rows, value))
    if (isinstance(value, tuple) and not is_rows) or _is_list_of_arrays(value, n):
        return tuple(as_structure(part, n, notes) for part in value)
    array, is_ragged = _array(value)
    if not array.ndim:
        raise ValueError(f"expected rows, got one {array.dtype}")
    if is_ragged:
        filling = "empty text" if array.dtype.kind in "SUT" else "zeros"
        notes.append(f"rows of different lengths get {filling} at the end, up to {array.shape[1]}")
    return array


def as_array(value: Any) -> Array:
    """One array; rows of different lengths are filled up with zeros, or empty text, at the end."""
    return _array(value)[0]


def as_long(*structures: Any) -> list[Any]:
    """Structures whose arrays are filled up at the end of their second axis, to be as long."""
    if structures[0] is None:
        return list(structures)
    n = each(
        lambda *arrays: max((a.shape[1] for a in arrays if a.ndim > 1), default=0), *structures
    )
    return [each(_filled_to, structure, n) for structure in structures]


def rows_of(rows: Array, n: int, source: str) -> Array:
    """Which of n rows are meant, [n] bool, by their numbers from 0 or a flag for each.

    Raises UsageError where a number is none of a row, or is there twice.
    """
    if rows.dtype.kind == "b" and rows.shape == (n,):
        return rows
    numbers = rows.ravel()
    if not len(numbers):
        raise UsageError(f"{source}: expected numbers of rows, from 0 on, got none")
    if numbers.dtype.kind not in "iu":
        raise UsageError(f"{source}: expected numbers of rows, from 0 on, got {rows.dtype}")
    if numbers.min() < 0 or numbers.max() >= n:
        raise UsageError(f"{source}: row {numbers.max()} of {n} rows, which are 0 to {n - 1}")
    if len(np.unique(numbers)) < len(numbers):
        raise UsageError(f"{source}: a row is there twice")
    return np.isin(np.arange(n), numbers)


def _filled_to(array: Array, n: int) -> Array:
    lacking = n - array.shape[1] if array.ndim > 1 else 0
    if not lacking:
        return array
    shape = (len(array), lacking, *array.shape[2:])
    return np.concatenate([array, np.zeros(shape, array.dtype)], axis=1)


def _array(value: Any) -> tuple[Array, bool]:
    """An array, and whether its rows had different lengths."""
    is_ragged = hasattr(value, "to_tensor")
    value = plain(value)
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return _filled(list(value)), True
    if array.dtype == object and array.ndim == 1 and len(array) and _is_row(array[0]):
        return _filled(list(array)), True
    return native(array), is_ragged


def _has_rows(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes)


def _is_list_of_arrays(value: Any, n: int | None) -> bool:
    return (
        isinstance(value, list)
        and len(value) != n
        and all(hasattr(part, "shape") and part.shape[:1] == (n,) for part in value)
    )


def _is_row(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _filled(rows: list[Any]) -> Array:
    """Rows of different lengths as one array; the values of a row may be rows again."""
    if not all(map(_is_row, rows)):
        raise ValueError("some rows are lists and others are not")
    parts = [as_array(row) for row in rows if len(row)]
    n_axes = {part.ndim for part in parts}
    if len(n_axes) > 1 or any(part.dtype == object for part in parts):
        raise ValueError("rows of different kinds in one array")
    shape = np.max([part.shape for part in parts], axis=0) if parts else [0]
    dtype = np.result_type(*{part.dtype for part in parts}) if parts else np.float32
    filled = np.zeros((len(rows), *shape), dtype)
    full = itertools.chain(parts)
    for place, row in enumerate(rows):
        if len(row):
            part = next(full)
            filled[place][tuple(map(slice, part.shape))] = part
    return filled
