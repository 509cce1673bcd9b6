"""What a plot is: its data, its words, and what is to be drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuner.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
"""A row of a table: numbers, texts and None by the name of the column."""

FEWEST_POINTS = 5
"""A panel of fewer would show less than it seems to."""


@dataclass(frozen=True)
class Plot:
    """A plot of a study, before it is drawn.

    `rows` are the data in the picture, each with the same columns; `text` tells those who do not
    see it what it shows; `picture` is made of the rows only. What Matplotlib alone draws, in a
    column of print, has a function instead.
    """

    title: str
    text: str
    rows: Sequence[Row]
    picture: "Picture | Callable[[], Figure]"


class NotEnoughDataError(ValueError):
    """The study has not the trials that a plot needs; the message says which."""
