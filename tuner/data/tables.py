"""Tables: their columns as they are, and the same as a matrix of numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tuner.data._arrays import Rows
from tuner.errors import UsageError

_MANY = 100
"""Distinct texts of a column, from which it may be no category but text."""


@dataclass(frozen=True)
class Table:
    """Rows as a matrix [n, k] of numbers, and as columns [n] by their names: a model takes either.

    Indexing gives some of the rows.
    """

    matrix: Rows
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.matrix)

    def __getitem__(self, rows: Any) -> "Table":
        return Table(self.matrix[rows], {name: c[rows] for name, c in self.columns.items()})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Rows:
        return np.array(self.matrix, dtype, copy=copy)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the matrix."""
        return self.matrix.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the matrix."""
        return self.matrix.dtype


def from_frame(frame: pd.DataFrame, source: str) -> tuple[Any, tuple[str, ...]]:
    """A Table, with categories one-hot encoded, and the names of the columns of its matrix.

    Where a column is text, which no matrix can hold, it is a dict of the columns instead. Raises
    UsageError where values are neither numbers nor text.
    """
    columns = {str(name): column.to_numpy() for name, column in frame.items()}
    if any(_is_text(frame[name]) for name in columns):
        return columns, ()
    try:
        features = pd.get_dummies(frame, dtype="float32")
        matrix = features.to_numpy(dtype="float32")
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
