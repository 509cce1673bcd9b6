"""What a row is asked for, and what it gives back: published figures beside ours."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reproduction.images import Images


@dataclass(frozen=True)
class Options:
    """The command line; None leaves a setting to the row."""

    load: Callable[[str], Images]
    data: str = "mnist"
    epochs: int | None = None
    n_seeds: int | None = None
    quick: bool = False

    def epochs_or(self, default: int) -> int:
        """The epochs to train: 2 in a quick run."""
        return self.epochs or (2 if self.quick else default)

    def seeds_or(self, default: int) -> tuple[int, ...]:
        """The seeds to train with, from 0: one in a quick run."""
        return tuple(range(self.n_seeds or (1 if self.quick else default)))


@dataclass(frozen=True)
class Line:
    """One figure, published and ours; `met` is None where nothing was asked of it."""

    quantity: str
    published: str
    ours: str
    criterion: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """The lines of a row, and how they were measured."""

    title: str
    setting: str
    seeds: tuple[int, ...]
    lines: tuple[Line, ...]


def spread(values: Sequence[float], unit: str = "", *, digits: int = 2) -> str:
    """The mean, and the standard deviation over seeds where there are several."""
    shown = f"{statistics.fmean(values):.{digits}f}"
    if len(values) > 1:
        shown += f" ± {statistics.stdev(values):.{digits}f}"
    return f"{shown} {unit}".strip()
