"""Columns of Arrow -> what they are: numbers, dates, or names; other kinds are refused by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuner.data import _dates, cells
from tuner.data._numbers import numbers
from tuner.data.settings import TableSettings
from tuner.data.wording import by_column
from tuner.errors import UsageError

Kind = Literal["number", "date", "names"]
_EXACT = 2**53


@dataclass(frozen=True)
class Column:
    """A column of a kind: numbers as Arrow has them, timestamps, or text; null where one lacks.

    `is_text` tells of dates that were text, and `is_declared` of names that are said to be some.
    """

    kind: Kind
    values: pa.ChunkedArray
    is_text: bool = False
    is_declared: bool = False


def columns_of(
    table: pa.Table, settings: TableSettings, where: Callable[[str, int], str], notes: list[str]
) -> dict[str, Column]:
    """The columns by name, text that people meant as numbers, dates or yes and no among them.

    `where` says which column and row is meant. Raises UsageError for a column that is none of
    these, or not all through.
    """
    flat = {name: _flat(table[name], name, where) for name in table.column_names}
    named = {name for name in flat if pa.types.is_dictionary(table[name].type)}
    named |= set(settings.category)
    texts = {n: c for n, c in flat.items() if pa.types.is_string(c.type) and n not in named}
    found = numbers(texts, settings.decimal, where, notes)
    notes.extend(by_column({name: _loss_of_decimals(column) for name, column in flat.items()}))
    return {
        name: Column("number", found[name])
        if name in found
        else _column(column, name, where, is_declared=name in named)
        for name, column in flat.items()
    }


def _flat(column: pa.ChunkedArray, name: str, where: Callable[[str, int], str]) -> pa.ChunkedArray:
    """Without dictionaries, and with one type for text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _flat(pc.cast(column, kind.value_type), name, where)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(column, pa.string())
    return column


def _column(
    column: pa.ChunkedArray, name: str, where: Callable[[str, int], str], *, is_declared: bool
) -> Column:
    kind = column.type
    if is_declared:
        return Column("names", _names(pc.cast(column, pa.string())), is_declared=True)
    if pa.types.is_string(kind):
        return _of_text(column)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return Column("date", _dates.as_timestamps(column))
    if pa.types.is_floating(kind):
        if pc.any(is_infinite := pc.fill_null(pc.is_inf(column), False)).as_py():
            row = pc.index(is_infinite, True).as_py()
            raise UsageError(
                f"{where(name, row)}: {column[row].as_py()} is no number to learn from"
            )
        return Column("number", pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column))
    if pa.types.is_decimal(kind):
        return Column("number", _as_floats(column))
    is_number = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    if is_number or pa.types.is_duration(kind) or pa.types.is_null(kind):
        return Column("number", column)
    raise UsageError(
        f"{where(name, 0)}: holds {str(kind)[:80]}, not a number or a category: --ignore {name}"
        " leaves the column out"
    )


def _loss_of_decimals(column: pa.ChunkedArray) -> str:
    if not pa.types.is_decimal(column.type):
        return ""
    n, left = (pc.count_distinct(c).as_py() for c in (column, _as_floats(column)))
    return f"of {n} distinct numbers {left} are left as floats of 64 bits" if left < n else ""


def _as_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.float64(), safe=False)


def _of_text(column: pa.ChunkedArray) -> Column:
    lower = pc.utf8_lower(cells.without_marks(column, cells.MARKS))
    is_truth = pc.is_in(lower, value_set=pa.array(["true", "false"]))
    if cells.share(pc.if_else(pc.is_null(lower), None, is_truth)) == 1:
        return Column("number", pc.equal(lower, "true"))
    if _dates.is_dated(column):
        return Column("date", column, is_text=True)
    return Column("names", _names(column))


def _names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.without_marks(column, cells.TEXT_MARKS)


def as_numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers, or durations in seconds, [n]: of their type where none lacks, else with NaN."""
    if pa.types.is_duration(column.type):
        return _dates.seconds(column)
    if column.null_count:
        column = pc.cast(column, pa.int8()) if pa.types.is_boolean(column.type) else column
        return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy())
    return np.asarray(column.to_numpy())


def loss(values: NDArray[Any]) -> str:
    """What whole numbers lose as floats of 64 bits, in words; "" of most."""
    if values.dtype.kind not in "iu" or not len(values) or np.abs(values).max() <= _EXACT:
        return ""
    n, left = len(np.unique(values)), len(np.unique(values.astype("float64")))
    return f"of {n} distinct numbers {left} are left as floats of 64 bits" if left < n else ""
