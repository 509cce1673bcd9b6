"""What the plots share: style, labels, legends, limits."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

WIDTH = 8 / 2.54
"""A column of print in inches: every plot is drawn as wide, so that its texts stay readable."""

BLUE, ORANGE, GREY, BLACK = "#0072B2", "#D55E00", "#888888", "#222222"
_MARKER = 3.0
STYLE: dict[Any, Any] = {
    "font.size": 7.0,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "figure.titlesize": 7.5,
    "figure.dpi": 320.0,
    "lines.linewidth": 1.2,
    "lines.markersize": _MARKER,
    "axes.linewidth": 0.6,
    "axes.labelpad": 2.0,
    "axes.titlepad": 3.0,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.columnspacing": 1.2,
    "svg.hashsalt": "tuner",
    "text.parse_math": False,  # a name may have dollars, and need not be a formula
    # A title in a place of its own is not looked for at every draw. Numbers are written out: a
    # factor beside the axis would stand where the title is.
    "axes.titley": 1.0,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-7, 9),
}
_CHARACTERS = 15.5
"""That fit on an inch of a title."""

_INSET = 0.03
_ROUNDING = 1e-9
_MANY_POINTS = 100


def panels(
    n: int, columns: int, height: float, *, share: bool = True
) -> tuple[Figure, list[Axes], list[Axes]]:
    """A figure of `n` panels of `height` inches: it, all of them, and the lowest of each column."""
    columns = min(n, columns)
    n_rows = -(-n // columns)
    figure = Figure(figsize=(WIDTH, height * n_rows + 0.75))
    grid = figure.subplots(n_rows, columns, sharex=share, sharey=share, squeeze=False)
    found = list(grid.flat)
    for axes in found[n:]:
        axes.remove()
    lowest = found[max(0, n - columns) : n]
    for axes in lowest:
        axes.tick_params(labelbottom=True)
    return figure, found[:n], lowest


def title(figure: Figure, text: str) -> None:
    """Give the figure a title, on as many lines as it needs; a remark in brackets begins one."""
    width = int(figure.get_figwidth() * _CHARACTERS)
    said, bracket, remark = text.partition(" (")
    parts = [text] if len(text) <= width else [said, f"({remark}"] if bracket else [said]
    figure.suptitle("\n".join(textwrap.fill(part, width) for part in parts))


def legend_below(figure: Figure, columns: int = 2) -> None:
    """One legend for all panels, each label once, where it covers no data."""
    found: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    columns = min(len(found), columns)
    handles, labels = list(found.values()), list(found)
    legend = figure.legend(handles, labels, loc="outside lower center", ncols=columns)
    for each in legend.legend_handles:
        if isinstance(each, Line2D):
            each.set(alpha=None, markersize=max(_MARKER, each.get_markersize()))


def lay_out(figure: Figure) -> None:
    """Give every panel the room that its texts need: once, not at every draw."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                # Otherwise matplotlib measures all tick labels to place a label of no text.
                axis.set_label_coords(0.0, 0.0)
    ConstrainedLayoutEngine().execute(figure)


def whole_numbers(axes: Axes, label: str, n: int = 5) -> None:
    """Label the x axis and give it whole numbers only."""
    axes.xaxis.set_major_locator(MaxNLocator(n, integer=True))
    axes.set_xlabel(label)


def scatter(axes: Axes, x: ArrayLike, y: ArrayLike, marker: str, **look: Any) -> None:
    """Points; where there are many they are small, and vector formats hold them as a picture."""
    if np.size(x) == 0:
        return
    if np.size(x) > _MANY_POINTS:
        look = {"alpha": 0.4, "markersize": 1.8, "markeredgewidth": 0.4, "rasterized": True} | look
    axes.plot(x, y, marker, **look)


def limits(
    complete: Iterable[float | None],
    others: Iterable[float | None] = (),
    *,
    maximize: bool | None,
    fence: float = 3.0,
) -> tuple[float, float] | None:
    """Limits that show all complete values, but those that would squeeze the others.

    These are farther than `fence` interquartile ranges from the quartiles (Tukey's far out), on the
    worse side only, or on both where neither is better (None). `others` are shown as far.
    """
    values = _finite(complete)
    if not values:
        return None
    lower, upper = np.percentile(values, (25, 75))
    noise = _ROUNDING * max(abs(lower), abs(upper))
    reach = fence * (upper - lower) if upper - lower > noise else math.inf
    low = lower - reach if maximize in (True, None) else -math.inf
    high = upper + reach if maximize in (False, None) else math.inf
    extra = _finite(others) if math.isfinite(reach) else []
    inside = [value for value in (*values, *extra) if low <= value <= high]
    least, most = min(inside), max(inside)
    margin = 0.06 * (most - least) if most - least > noise else 0.01 * abs(most) or 0.01
    return least - margin, most + margin


def draw_outside(
    axes: Axes,
    values: Sequence[float],
    at: Sequence[float],
    bounds: tuple[float, float],
    *,
    horizontal: bool = False,
    **look: Any,
) -> None:
    """Values beyond the limits of their axis become arrows at its ends."""
    pairs = list(zip(values, at, strict=True))
    below = [place for value, place in pairs if value < bounds[0]]
    above = [place for value, place in pairs if value > bounds[1]]
    markers = ("<", ">") if horizontal else ("v", "^")
    inset = _INSET * (bounds[1] - bounds[0])
    ends = (bounds[0] + inset, bounds[1] - inset)
    for edge, marker, places in zip(ends, markers, (below, above), strict=True):
        if places:
            edges = [edge] * len(places)
            points = (edges, places) if horizontal else (places, edges)
            axes.plot(*points, marker, clip_on=False, label="off the scale", **look)


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]
