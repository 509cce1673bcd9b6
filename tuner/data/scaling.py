"""Standardization: moments in float64, and rows that are rounded to float32 after it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import LARGEST, GivenRows, Moments, Rows
from tuner.data.stored import StoredRows
from tuner.errors import UsageError

_CONSTANT = 4 * np.finfo("float64").eps
"""Of the largest: a range that rounding makes."""

_FAR = 1000.0
"""Deviations between the mean and zero from which float32 has too few digits for the rest."""

_CHUNK = 2**22
_EXACT = ("bool", "uint8", "int8", "uint16", "int16", "float16", "float32")
"""Types whose numbers float32 holds all."""

_EXTREME = 400
Wide = NDArray[np.float64]


def moments(array: GivenRows) -> tuple[Moments, Moments]:
    """Mean and deviation over all axes but the last; 1 for what is constant but for rounding.

    The mean of a constant is its least value. Numbers whose squares float64 does not hold are
    measured in a power of two.
    """
    axes, n = tuple(range(array.ndim - 1)), max(1, array.size // array.shape[-1])
    least = np.min([part.min(axis=axes) for part in _wide(array)], axis=0)
    most = np.max([part.max(axis=axes) for part in _wide(array)], axis=0)
    peak = np.maximum(np.abs(least), np.abs(most))
    exponent = np.frexp(peak)[1]
    unit = np.ldexp(1.0, np.where(np.abs(exponent) > _EXTREME, exponent, 0))
    mean = sum((part / unit).sum(axis=axes) for part in _wide(array)) / n
    squares = sum(np.square(part / unit - mean).sum(axis=axes) for part in _wide(array))
    is_constant = most / unit - least / unit <= _CONSTANT * peak / unit
    deviation = np.where(is_constant, 1.0, np.sqrt(squares / n) * unit)
    return np.where(is_constant, least, mean * unit), deviation


def standardized(array: Any, mean: Moments, scale: Moments) -> Any:
    """(array - mean) / scale, rounded to float32 at the end; rows in a file when they are read.

    Numbers that float32 holds are computed in it, as they always were.
    """
    is_narrow = not is_far(mean, scale) and (
        array.dtype in _EXACT
        or all((part == part.astype("float32")).all() for part in _wide(array))
    )
    dtype = "float32" if is_narrow else "float64"
    mean, scale = mean.astype(dtype), scale.astype(dtype)
    if isinstance(array, StoredRows):
        return replace(array, mean=mean, scale=scale, within=dtype, to="float32")
    out: Rows = np.empty(array.shape, "float32")
    for rows in _chunks(array):
        out[rows] = (array[rows].astype(dtype) - mean) / scale
    return out


def restored(standard: Any, mean: Any, scale: Any) -> Wide:
    """Standardized numbers in the units that they came in, in float64."""
    wide: Wide = np.asarray(standard, "float64") * scale + mean
    return wide


def mean_one(weight: Any, source: str) -> Any:
    """Weights whose sum is the number of rows, so that sums over the rows become weighted means."""
    if not isinstance(weight, np.ndarray):
        return weight  # none, or those of a stream
    mean = weight.mean(dtype="float64")
    if not mean:
        raise UsageError(f"{source}: all weights of the rows of a part are 0")
    return (weight / mean).astype("float32")


def is_far(mean: Moments, scale: Moments) -> bool:
    """Whether numbers are so far from zero, or so large, that they need float64 beforehand."""
    far = np.abs(mean) > _FAR * scale
    huge = np.maximum(np.abs(mean), scale) > LARGEST
    return bool((far | huge).any())


def dtype_for(mean: Any, scale: Any) -> str:
    """Float64 where float32 has too few digits for numbers of that mean and deviation."""
    return "float64" if is_far(mean, scale) else "float32"


def _wide(array: GivenRows) -> Iterator[Wide]:
    return (np.asarray(array[rows], "float64") for rows in _chunks(array))


def _chunks(array: Any) -> Iterator[slice]:
    """Slices of the rows, of some million numbers each."""
    size = max(1, _CHUNK // max(1, array[:1].size))
    return (slice(start, start + size) for start in range(0, len(array), size))
