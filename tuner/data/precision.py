"""What rounding to float32 takes from the numbers that a network gets, in words."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tuner.data.dataset import Scaling
from tuner.data.scaling import is_far
from tuner.data.stored import StoredRows, chunks, in_memory, is_array
from tuner.data.structure import is_text, named_leaves
from tuner.errors import UsageError, listed

_ENOUGH = 0.99
_MOST_ROWS, _MOST_NUMBERS = 10_000, 10**7
_SAID = 3


def check_range(given: Any, got: Any, name: str, source: str) -> None:
    """Raise UsageError where numbers are beyond float32: they were finite as they were given."""
    for (path, wide), (_, narrow) in zip(named_leaves(given), named_leaves(got), strict=True):
        if not is_array(wide) or narrow.dtype.kind != "f" or wide.dtype == narrow.dtype:
            continue
        n_bad, largest = 0, 0.0
        for before, after in zip(chunks(wide), chunks(narrow), strict=True):
            bad = ~np.isfinite(after)
            if bad.any():
                n_bad += int(bad.sum())
                largest = max(largest, np.abs(before.reshape(after.shape)[bad]).max())
        if n_bad:
            raise UsageError(
                f"{source}: {n_bad} values of {name}{path} are too large for float32"
                f" ({largest:.3g}): standardize them, or give them in a larger unit"
            )


def check_targets(given: Any, got: Any, source: str) -> None:
    """Raise UsageError where rounding has made one number of all targets."""
    if isinstance(given, np.ndarray) and (got == got.flat[0]).all():
        raise UsageError(
            f"{source}: every target is {got.flat[0]:.12g} in float32, in which networks compute"
            f" (they are {given.min():.12g} to {given.max():.12g}): standardize them"
            " (training.standardize_targets = true)"
        )


def loses(wide: Any, narrow: Any) -> bool:
    """Whether a column of rows [n, ..., k] has fewer than 99 of 100 distinct values after that."""
    return any(after < _ENOUGH * before for before, after in _counted(wide, narrow))


def notes_on(given: Any, got: Any, name: str, features: Sequence[str] = ()) -> Iterator[str]:
    """What of the numbers is not told apart any more, and which columns are all the same.

    `given` and `got` are rows [n, ..., k] before and after, alone or in structures.
    """
    for (path, wide), (_, narrow) in zip(named_leaves(given), named_leaves(got), strict=True):
        if not is_array(wide) or is_text(wide) or narrow.dtype.kind != "f":
            continue
        counted = list(_counted(wide, narrow))
        lost = [
            f"{_column(n, len(counted), name + path, features)} ({before} distinct values, {after})"
            for n, (before, after) in enumerate(counted)
            if after < _ENOUGH * before
        ]
        if lost:
            yield f"float32, in which networks compute, tells fewer apart: {listed(lost, _SAID)}"
        alike = [n for n, (_, after) in enumerate(counted) if after == 1]
        if narrow.ndim == 2 and alike:
            same = [
                _column(n, len(counted), name + path, features)
                for n, is_same in zip(alike, _are_same(narrow, alike), strict=True)
                if is_same
            ]
            if same:
                said = listed(same, _SAID)
                yield f"the same in every row, so that nothing is learned from it: {said}"


def _are_same(array: Any, columns: Sequence[int]) -> Any:
    """Of columns of rows [n, k] whether each has one value."""
    first = in_memory(array[:1])[0, columns]
    return np.all([(rows[:, columns] == first).all(axis=0) for rows in chunks(array)], axis=0)


def _counted(wide: Any, narrow: Any) -> Iterator[tuple[int, int]]:
    """Distinct values of each column, before and after, on rows that are spread evenly."""
    k = narrow.shape[-1] if narrow.ndim > 1 else 1
    n_rows = min(_MOST_ROWS, max(1000, _MOST_NUMBERS // k))
    wide, narrow = _spread(wide, k, n_rows), _spread(narrow, k, n_rows)
    for column in range(k):
        before, after = np.unique(wide[:, column]), np.unique(narrow[:, column])
        yield len(before), len(after)


def _spread(array: Any, k: int, n_rows: int) -> Any:
    """At most so many of the rows [..., k], spread evenly; of a file as few are read."""
    if isinstance(array, StoredRows):
        n_read = -(-n_rows * k * len(array) // array.size)
        array = array[:: -(-len(array) // n_read)].read()
    array = array.reshape(-1, k)
    return array[:: -(-len(array) // n_rows)]


def _column(n: int, k: int, name: str, features: Sequence[str]) -> str:
    if len(features) == k:
        return features[n]
    return name if k == 1 else f"{name}[..., {n}]"


def notes_of_file(scaling: Scaling) -> Iterator[str]:
    """What to know of a saved model, where numbers are far from zero."""
    x_is_far = (
        scaling.mean is not None
        and scaling.scale is not None
        and is_far(scaling.mean, scaling.scale)
    )
    if x_is_far or is_far(scaling.y_mean, scaling.y_scale):
        yield (
            "numbers far from zero: best.keras computes with them in float64, give it tensors or"
            " tf.data (predict and evaluate of Keras round NumPy arrays to float32)"
        )
