"""What a method has found, as notebooks and terminals show it: sentences, and a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Generic, TypeVar

import pandas as pd

T = TypeVar("T")


@dataclass(frozen=True, repr=False, eq=False)
class Findings(Generic[T]):
    """`found` in full, what is said of it, a line each, and its table."""

    found: T
    lines: Sequence[str]
    table: pd.DataFrame

    def __repr__(self) -> str:
        return "\n".join([self.table.to_string(index=False), "", *self.lines])

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False) + paragraphs(self.lines)


def findings_of(
    found: T, lines: Iterable[str], titles: list[str], rows: list[list[str]]
) -> Findings[T]:
    """Findings with a table as a terminal has it."""
    return Findings(found, tuple(lines), pd.DataFrame(rows, columns=titles))


def paragraphs(lines: Iterable[str]) -> str:
    """Lines as HTML."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
