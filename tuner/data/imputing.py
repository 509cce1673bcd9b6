"""Missing numbers -> the medians of the rows that are trained on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data.structure import each
from tuner.data.tables import Table

Array = NDArray[Any]


def completed(train: Any, judged: Any, *, lacks: bool) -> tuple[Any, Any, Any]:
    """Two parts without missing numbers, and the row that fills them: None where none `lacks`."""
    if not lacks:
        return train, judged, None
    fill = fill_of(train)
    return filled(train, fill), filled(judged, fill), fill


def fill_of(x: Any) -> Any:
    """One row of the structure of x, with the median of each float; 0 where there is none."""
    return _each(_median, x)


def filled(x: Any, fill: Any) -> Any:
    """The rows x, with what `fill_of` gave where a number is NaN."""
    return _each(_filled, x, fill)


def _each(of: Callable[..., Any], x: Any, *others: Any) -> Any:
    if not isinstance(x, Table):
        return each(of, x, *others)
    columns = {
        name: of(column, *(other.columns[name] for other in others))
        for name, column in x.columns.items()
    }
    return Table(of(x.matrix, *(other.matrix for other in others)), columns)


def _median(array: Array) -> Array:
    if array.dtype.kind != "f":
        return array[:1]
    columns = array.reshape(len(array), -1).T
    found = [np.median(known) if (known := c[~np.isnan(c)]).size else 0.0 for c in columns]
    return np.array(found, array.dtype).reshape(1, *array.shape[1:])


def _filled(array: Array, row: Array) -> Array:
    return np.where(np.isnan(array), row, array) if array.dtype.kind == "f" else array
