"""What was measured of a trial epoch by epoch: long texts, few of which anybody looks into."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


class Columns(Mapping[str, Any]):
    """Columns by name, a value for each epoch, as the store has them: parsed once one is read."""

    __slots__ = ("_columns", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._columns: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._parsed()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def __bool__(self) -> bool:
        return self._text != "{}"

    def __repr__(self) -> str:
        return repr(self._parsed())

    def beginning(self, start: str) -> Iterator[tuple[str, str]]:
        """The columns of numbers whose names begin so, each with the text of its numbers."""
        place = self._text.find(f'"{start}')
        while place >= 0:
            found = _COLUMN.match(self._text, place)
            if found and self._text[place - 1] != "\\":
                yield found[1], found[2]
            place = self._text.find(f'"{start}', place + 1)

    def _parsed(self) -> dict[str, Any]:
        if self._columns is None:
            self._columns = json.loads(self._text)
        return self._columns


_COLUMN = re.compile(r'"([^"\\]*)": \[([^\]]*)\]')
"""A list of numbers in JSON, as Python writes it: quotes within names follow a backslash."""


def length(columns: Mapping[str, Any], name: str) -> int | None:
    """How many values a column has; None where there is no such column."""
    if not isinstance(columns, Columns):
        return len(columns[name]) if name in columns else None
    found = next((text for each, text in columns.beginning(name) if each == name), None)
    if found is None:
        return None
    return found.count(",") + 1 if found else 0


def last_rates(columns: Mapping[str, Any]) -> dict[str, float]:
    """The rate that each place has learned after the last epoch, by its column."""
    if not isinstance(columns, Columns):
        return {k: v[-1] for k, v in columns.items() if k.startswith("rate_") and v}
    found = columns.beginning("rate_")
    return {name: json.loads(text.rpartition(",")[2]) for name, text in found if text}
