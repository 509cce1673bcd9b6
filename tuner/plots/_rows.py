"""Rows of a plot, chosen and turned into columns."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tuner.plots.plot import Row


class Columns(NamedTuple):
    """Two columns, and the trials they are of."""

    x: list[float]
    y: list[float]
    trials: list[int]


def of_variant(rows: Iterable[Row], variant: str) -> list[Row]:
    """The rows of one variant."""
    return [row for row in rows if row["variant"] == variant]


def columns(rows: Iterable[Row], x: str, y: str) -> Columns:
    """Two columns, of those rows that have both, the second as a finite number."""
    kept = [
        row for row in rows if row[x] is not None and row[y] is not None and math.isfinite(row[y])
    ]
    return Columns([r[x] for r in kept], [r[y] for r in kept], [r["trial"] for r in kept])


def by_state(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The complete rows, and the pruned ones."""
    complete, pruned = (
        [row for row in rows if row["state"] == state] for state in ("complete", "pruned")
    )
    return complete, pruned
