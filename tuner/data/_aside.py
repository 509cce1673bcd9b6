"""Columns of a table that say where a row belongs: its group, its part, its place in time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuner.data import _dates
from tuner.data._columns import Column, as_numbers, columns_of
from tuner.data.parting import are_parts
from tuner.data.settings import SplitSettings, TableSettings
from tuner.errors import UsageError

Where = Callable[[str, int], str]
_NAMED = "split"


def with_split_column(
    table: pa.Table, split: SplitSettings, target: str | None, ignored: Sequence[str] = ()
) -> SplitSettings:
    """The settings, with a column that is called "split" and has nothing but names of parts."""
    known = split.split_column is not None or split.test_rows is not None
    name = next((name for name in table.column_names if name.lower() == _NAMED), None)
    if known or name is None or name in (target, *ignored):
        return split
    values = pc.unique(table[name]).to_pylist()
    return split.model_copy(update={"split_column": name}) if are_parts(values) else split


def taken(
    table: pa.Table, split: SplitSettings, settings: TableSettings, where: Where
) -> dict[str, NDArray[Any]]:
    """The columns that are put aside, by name [n]: what rows are ordered by as numbers.

    Raises UsageError where a row has no value in one.
    """
    found = {}
    for name in split.columns:
        column = table[name]
        if pa.types.is_nested(column.type):
            raise UsageError(
                f"{where(name, 0)}: holds {str(column.type)[:80]}, and not one value a row"
            )
        if name == split.order_by:
            column = pa.chunked_array([_moments(table.select([name]), name, settings, where)])
        values = np.array(column.to_pylist(), object)
        lacks = np.array([value in (None, "") or value != value for value in values])  # noqa: PLR0124
        if lacks.any():
            row = int(lacks.argmax())
            raise UsageError(f"{where(name, row)}: no value, so that nobody knows where it belongs")
        is_text = isinstance(values[0], str)
        found[name] = values if is_text else column.to_numpy()
    return found


def _moments(
    table: pa.Table, name: str, settings: TableSettings, where: Where
) -> NDArray[np.float64]:
    column = columns_of(table, settings, where, [])[name]
    if column.kind == "number":
        return as_numbers(column.values)
    if column.kind == "date":
        return _seconds(column, name, where)
    example = column.values.drop_null()[0].as_py()
    raise UsageError(f"{where(name, 0)}: {example!r}: rows are ordered by numbers or dates")


def _seconds(column: Column, name: str, where: Where) -> NDArray[np.float64]:
    is_text = column.is_text
    return _dates.seconds(
        _dates.parsed(column.values, where(name, 0)) if is_text else column.values
    )


def check_order(columns: Mapping[str, Column], n: int, where: Where) -> None:
    """Raise UsageError where there are dates, and the first n rows are in the order of none."""
    dates = {name: column for name, column in columns.items() if column.kind == "date"}
    refusals = []
    for name, column in dates.items():
        earlier = np.diff(_seconds(column, name, where)[:n]) < 0
        if not earlier.any():
            return
        refusals.append(
            f"{where(name, int(earlier.argmax()) + 1)}: earlier than the row before, so that rows"
            f" are not in time order: --order-by {name} sorts them"
        )
    if refusals:
        raise UsageError(refusals[0])


def without_times(
    columns: dict[str, Column], settings: TableSettings, notes: list[str]
) -> dict[str, Column]:
    """Columns without dates of text of which nothing is said: the order of the rows has them."""
    times = {n for n, c in columns.items() if c.kind == "date" and c.is_text}
    if settings.dates is not None:
        return columns
    notes.extend(
        f"column {name!r}: the order of the rows has it; it is no feature (--dates makes it one)"
        for name in sorted(times)
    )
    return {name: column for name, column in columns.items() if name not in times}
