"""Sheets (.xlsx, .xls, .ods) -> tables of text, as the same cells of a text table would be."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa

from tuner.data._delimited import named
from tuner.data._header import header_of
from tuner.data.settings import TableSettings
from tuner.errors import UsageError


def read_sheet(path: Path, settings: TableSettings, notes: list[str]) -> pa.Table:
    """The first sheet of a file. Raises UsageError where the library that reads it is missing."""
    try:
        import python_calamine as calamine  # noqa: PLC0415 (of the extra "formats")
    except ImportError:
        raise UsageError(
            f"{path}: sheets are read by python-calamine: pip install 'dropout-tuner[formats]', or"
            " save the sheet as .csv"
        ) from None
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            first, *others = book.sheet_names
            rows = [list(map(_text, row)) for row in book.get_sheet_by_index(0).to_python()]
    except (calamine.CalamineError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    if others:
        notes.append(f"{path.name}: sheet {first!r}, the first of {1 + len(others)}")
    rows = [row for row in rows if any(row)]
    if not rows:
        raise UsageError(f"{path}: cannot be read: sheet {first!r} is empty")
    names = header_of(rows, settings.header, path.name, notes)
    rows = rows if names is None else rows[1:]
    header = names or tuple(f"column_{n + 1}" for n in range(len(rows[0])))
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(header))]
    table = pa.table(columns, names=[str(place) for place in range(len(header))])
    return named(table, header, path.name, notes)


def _text(cell: Any) -> str:
    """A cell as it would stand in a text table."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds())
    return str(cell)
