"""The decimal mark of columns: what a file proves, or else the user says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow.compute as pc

from tuner.data import cells
from tuner.errors import UsageError

Text = Any
"""A pa.ChunkedArray of strings."""

Decimal = Literal[".", ","]
Where = Callable[[str, int], str]
"""What a column and the place of a row are called."""


@dataclass(frozen=True)
class Looked:
    """Cells without marks and signs, what these were, and whether all are numbers in one way."""

    bare: Text
    plain: bool
    point: bool
    comma: bool
    said: tuple[str, ...] = ()


def with_comma(column: Looked) -> Looked:
    """With what is not looked for where all columns are plain: whether it may have commas."""
    return replace(column, comma=cells.share(cells.matches(column.bare, cells.COMMA)) == 1)


def decimal_of(columns: Mapping[str, Looked]) -> Decimal | None:
    """The decimal mark of a file, where a column proves one and none the other."""
    comma = any(c.comma and not (c.point or c.plain) for c in columns.values())
    point = any((c.point or c.plain) and not c.comma for c in columns.values())
    if comma == point:
        return None
    return "," if comma else "."


def mark_of(
    name: str, column: Looked, proof: Decimal | None, where: Where, *, is_given: bool
) -> Decimal:
    """The decimal mark of one column. Raises UsageError where both would do, with two results."""
    if column.plain and column.comma and proof == "," and has(column.bare, r"\."):
        if not is_given:
            raise _in_doubt(name, column, where)
        return ","
    if column.plain or not column.comma:
        if proof == "," and is_given and not column.comma:
            raise UsageError(
                f"{where(name, 0)}: {column.bare[0].as_py()!r} has no decimal comma (--decimal)"
            )
        return "."
    if not column.point:
        return ","
    if proof is None and has(column.bare, ","):
        raise _in_doubt(name, column, where)
    return proof or "."


def _in_doubt(name: str, column: Looked, where: Where) -> UsageError:
    row = pc.index(cells.matches(column.bare, "[.,]"), True).as_py()
    cell = column.bare[row].as_py()
    return UsageError(
        f"{where(name, row)}: {cell!r} may have thousands or decimals: --decimal . or , decides"
    )


def has(column: Text, pattern: str) -> bool:
    """Whether some cell matches."""
    return bool(pc.any(cells.matches(column, pattern)).as_py())
