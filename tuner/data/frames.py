"""Tables of pandas -> tables of ours. Imported where there is one: pandas takes its time."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tuner.data.tables import Table
from tuner.errors import UsageError

_MANY = 100
"""Distinct texts of a column, from which it may be no category but text."""


def together(frames: Sequence[pd.DataFrame], source: str) -> tuple[Any, tuple[str, ...]]:
    """What `from_frame` gives of all rows, so that parts have their categories in common."""
    whole = pd.concat(frames)
    whole.columns = pd.Index([str(name) for name in whole.columns])
    refuse_missing(whole, source)
    return from_frame(whole, source)


def from_frame(frame: pd.DataFrame, source: str) -> tuple[Any, tuple[str, ...]]:
    """A Table, with categories one-hot encoded, and the names of the columns of its matrix.

    Where a column is text, which no matrix can hold, it is a dict of the columns instead. Raises
    UsageError where values are neither numbers nor text.
    """
    columns = {str(name): column.to_numpy() for name, column in frame.items()}
    if any(_is_text(frame[name]) for name in columns):
        return columns, ()
    try:
        features = pd.get_dummies(frame, dtype="float64")
        matrix = features.to_numpy(dtype="float64")
    except (TypeError, ValueError) as error:
        raise UsageError(f"{source}: a column is not a number or a category: {error}") from None
    return Table(matrix, columns), tuple(map(str, features.columns))


def refuse_missing(frame: pd.DataFrame, source: str) -> None:
    """Raise UsageError where a table has no value, naming the column that lacks most of them."""
    missing = frame.isna().sum()
    if missing.any():
        raise UsageError(
            f"{source}: {missing.sum()} missing values (NaN), {missing.max()} of them in column"
            f" {missing.idxmax()!r}: fill them or drop those rows"
        )


def _is_text(column: "pd.Series[Any]") -> bool:
    """Whether most of the values are distinct and of several words."""
    if pd.api.types.is_numeric_dtype(column) or not all(isinstance(value, str) for value in column):
        return False
    n = column.nunique()
    return bool(n > _MANY and n > len(column) / 2 and column.str.contains(r"\s").mean() > 0.5)
