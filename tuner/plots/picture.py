"""What a picture shows, for whatever library draws it: blocks of panels, their axes and marks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

BLUE, NAVY, SKY, PALE = "#0072B2", "#00406B", "#3D9BD6", "#A6CBE6"
GREY, LIGHT, BLACK = "#808080", "#C8C8C8", "#222222"
"""Blue is dropout, grey is none: the best is darker, what is pruned or of less weight paler."""

OFF_SCALE = "off the scale"

Limits = tuple[float, float]
Curve = tuple[Sequence[float], Sequence[float]]
"""x and y of points, in the order in which a line joins them."""

Marker = Literal["circle", "cross", "diamond", "square", "tick", "left", "right", "down", "up"]
Dashes = Literal["solid", "dashed", "dotted", "dashdot"]
Fill = Literal["solid", "striped", "none"]
_INSET = 0.03


@dataclass(frozen=True)
class Points:
    """Points of one kind; `numbers` are those of the trials (or of what `noun` says) they are.

    Marks of one `label` share a line of the legend, those of none have no line there.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    color: str = BLUE
    marker: Marker = "circle"
    is_filled: bool = True
    size: float = 1.0
    opacity: float = 1.0
    numbers: Sequence[int] = ()
    noun: str = "trial"
    on_top: bool = False


@dataclass(frozen=True)
class Line:
    """Curves that look alike; `band` has the lower and upper ends of an interval around the first.

    A curve of `steps` keeps each value until the next.
    """

    label: str
    curves: Sequence[Curve]
    color: str = BLUE
    dashes: Dashes = "solid"
    width: float = 1.0
    opacity: float = 1.0
    marker: Marker | None = None
    band: tuple[Sequence[float], Sequence[float]] | None = None
    steps: bool = False
    on_top: bool = False

    def joined(self) -> Curve:
        """One curve of all, with a gap between any two."""
        x, y = ([v for curve in self.curves for v in (*curve[i], math.nan)][:-1] for i in (0, 1))
        return x, y


@dataclass(frozen=True)
class Bars:
    """Bars that lie at the heights `y`, from `start` on (0 where none is given), `length` long."""

    label: str
    y: Sequence[float]
    length: Sequence[float]
    start: Sequence[float] = ()
    color: str = BLUE
    fill: Fill = "solid"


@dataclass(frozen=True)
class Rule:
    """A dotted line through the whole panel, at a height or, `upright`, at a place across."""

    label: str
    at: float
    upright: bool = False


@dataclass(frozen=True)
class Span:
    """What lies between two places across, shaded over the whole height of the panel."""

    label: str
    low: float
    high: float
    color: str = PALE


Mark = Points | Line | Bars | Rule | Span


@dataclass(frozen=True)
class Axis:
    """An axis; `names` are those of 0, 1, ..., `is_whole` has whole numbers only.

    Numbers that have a `unit`, "%" or "points", are written a hundred times as large.
    """

    label: str
    limits: Limits | None
    names: Sequence[str] = ()
    is_whole: bool = False
    unit: str = ""
    is_signed: bool = False


@dataclass(frozen=True)
class Panel:
    """What stands in one pair of axes, the last mark on top; `note` is said with the title."""

    marks: Sequence[Mark]
    x: Axis
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Block:
    """Panels of one y axis, in so many columns at most.

    In a column of print each is `height` inches high; in 16:9 blocks stand beside each other, and
    `width` is the share of this one.
    """

    panels: Sequence[Panel]
    y: Axis
    height: float
    columns: int = 1
    width: float = 1.0

    @property
    def shares_x(self) -> bool:
        """Whether the panels have one x axis."""
        return all(panel.x == self.panels[0].x for panel in self.panels)


@dataclass(frozen=True)
class Picture:
    """Blocks below each other, or beside each other in 16:9, under a title and above one legend."""

    title: str
    blocks: Sequence[Block]

    @property
    def labels(self) -> list[str]:
        """What the legend names, each once."""
        marks = (mark for block in self.blocks for panel in block.panels for mark in panel.marks)
        return list(dict.fromkeys(mark.label for mark in marks if mark.label))


def named(names: Sequence[str], label: str = "") -> Axis:
    """An axis of things that have names, the first one at the end of it."""
    n = len(names)
    return Axis(label, (-0.6, n - 0.4), tuple(reversed(names)))


def off_scale(points: Points, x: Limits | None = None, y: Limits | None = None) -> Iterator[Points]:
    """Arrows at the ends of an axis for the points that lie beyond its limits."""
    axes: tuple[tuple[Limits | None, Sequence[float], tuple[Marker, Marker]], ...] = (
        (x, points.x, ("left", "right")),
        (y, points.y, ("down", "up")),
    )
    for limits, values, markers in axes:
        low, high = limits or (-math.inf, math.inf)
        inset = _INSET * (high - low)
        beyond = ([v < low for v in values], [v > high for v in values])
        for end, marker, is_out in zip((low + inset, high - inset), markers, beyond, strict=True):
            if any(is_out):
                yield _arrows(points, is_out, end, marker)


def _arrows(points: Points, is_out: Sequence[bool], end: float, marker: Marker) -> Points:
    def kept(values: Sequence[float]) -> list[float]:
        return [value for value, out in zip(values, is_out, strict=True) if out]

    ends = [end] * sum(is_out)
    across = marker in ("left", "right")
    return Points(
        OFF_SCALE,
        ends if across else kept(points.x),
        kept(points.y) if across else ends,
        points.color,
        marker,
    )
