"""Tables: their columns as they are, and the same as a matrix of numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner.data._arrays import GivenRows
from tuner.data.stored import StoredRows


@dataclass(frozen=True)
class Table:
    """Rows as a matrix [n, k] of numbers, and as columns [n] by their names: a model takes either.

    Indexing gives some of the rows.
    """

    matrix: GivenRows
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.matrix)

    def __getitem__(self, rows: Any) -> "Table":
        return Table(self.matrix[rows], {name: c[rows] for name, c in self.columns.items()})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> GivenRows:
        return np.array(self.matrix, dtype, copy=copy)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the matrix."""
        return self.matrix.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the matrix."""
        return self.matrix.dtype


def joined(rows: Any, more: Any) -> Any:
    """Two arrays, or two tables, as one: first the rows of the one, then those of the other."""
    if isinstance(rows, StoredRows):
        return rows.joined(more)
    if not isinstance(rows, Table):
        return np.concatenate([rows, more])
    columns = {
        name: np.concatenate([rows.columns[name], more.columns[name]]) for name in rows.columns
    }
    return Table(np.concatenate([rows.matrix, more.matrix]), columns)
