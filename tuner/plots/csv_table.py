"""Tables that are safe to open in a spreadsheet."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def quoted(cell: Any) -> Any:
    """A cell with an apostrophe before it, if a spreadsheet would run its text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the same columns; what is missing is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(quoted(name) for name in rows[0])
        writer.writerows([quoted(cell) for cell in row.values()] for row in rows)
