"""What a plot is: its data, its words, and how it is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Plot:
    """A plot of a study, before it is drawn.

    `rows` are the data in the picture, each with the same columns; `text` tells those who do not
    see it what it shows; `draw` uses the rows only.
    """

    title: str
    text: str
    rows: Sequence[Row]
    draw: Callable[[], Figure]


class NotEnoughDataError(ValueError):
    """The study has not the trials that a plot needs; the message says which."""
