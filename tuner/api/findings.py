"""What a method has found, as notebooks and terminals show it: sentences, and a table."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Generic, TypeVar

import pandas as pd

from tuner.api.wording import in_python

T = TypeVar("T")
_IS_NUMBER = re.compile(r"[-+]?\d|-?$")
_NUMBER, _WORD = "text-align:right", "text-align:left"


@dataclass(frozen=True, repr=False, eq=False)
class Findings(Generic[T]):
    """`found` in full, what is said of it, a line each, and its table."""

    found: T
    lines: Sequence[str]
    table: pd.DataFrame

    def __repr__(self) -> str:
        return "\n".join([self.table.to_string(index=False), "", *self.lines])

    def _repr_html_(self) -> str:
        rows = self.table.to_numpy().tolist()
        return table([*map(str, self.table)], rows) + paragraphs(self.lines)


def findings_of(
    found: T, lines: Iterable[str], titles: list[str], rows: list[list[str]]
) -> Findings[T]:
    """Findings with a table as a terminal has it."""
    return Findings(found, tuple(map(in_python, lines)), pd.DataFrame(rows, columns=titles))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as HTML that a notebook styles as data frames: numbers to the right."""
    columns = list(zip(*rows, strict=True)) or [()] * len(titles)
    styles = [_NUMBER if all(map(_IS_NUMBER.match, column)) else _WORD for column in columns]
    head = _row("th", titles, styles)
    body = "".join(_row("td", row, styles) for row in rows)
    return f'<table class="dataframe"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _row(tag: str, cells: Sequence[str], styles: Sequence[str]) -> str:
    parts = zip(cells, styles, strict=True)
    inside = "".join(f'<{tag} style="{style}">{escape(cell)}</{tag}>' for cell, style in parts)
    return f"<tr>{inside}</tr>"


def paragraphs(lines: Iterable[str]) -> str:
    """Lines as HTML."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
