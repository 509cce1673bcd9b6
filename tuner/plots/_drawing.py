"""What the pictures of Matplotlib share: style, labels, legends."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from tuner.plots.shapes import Shape

_MARKER = 3.0
STYLE: dict[Any, Any] = {
    "font.size": 7.0,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "figure.titlesize": 7.5,
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

_LETTER, _HANDLE = 0.055, 0.44
"""Inches of a letter of a legend, and of what stands before and behind a label."""

_MANY_POINTS = 100


def new_figure(shape: Shape, height: float) -> Figure:
    """A figure of a shape, `height` inches high where the shape leaves that open."""
    return Figure(figsize=(shape.width, shape.height or height), dpi=shape.dpi)


def n_rows(n: int, columns: int) -> int:
    """In how many rows `n` panels stand."""
    return -(-n // min(n, columns))


def grid(
    figure: FigureBase, n: int, columns: int, *, share_x: bool, share_y: bool
) -> tuple[list[Axes], list[Axes]]:
    """`n` panels in a figure or a part of one, and the lowest of each column."""
    columns = min(n, columns)
    subplots = figure.subplots(
        n_rows(n, columns), columns, sharex=share_x, sharey=share_y, squeeze=False
    )
    found = list(subplots.flat)
    for axes in found[n:]:
        axes.remove()
    lowest = found[max(0, n - columns) : n]
    for axes in lowest:
        axes.tick_params(labelbottom=True)
    return found[:n], lowest


def title(figure: Figure, text: str) -> None:
    """Give the figure a title, on as many lines as it needs; a remark in brackets begins one."""
    width = int(figure.get_figwidth() * _CHARACTERS)
    said, bracket, remark = text.partition(" (")
    parts = [text] if len(text) <= width else [said, f"({remark}"] if bracket else [said]
    figure.suptitle("\n".join(textwrap.fill(part, width) for part in parts))


def legend_below(figure: Figure) -> None:
    """One legend for all panels, each label once, where it covers no data."""
    found: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if not found:
        return
    columns = _columns(list(found), figure.get_figwidth())
    legend = figure.legend(
        list(found.values()), list(found), loc="outside lower center", ncols=columns
    )
    for shown in legend.legend_handles:
        if isinstance(shown, Line2D):
            shown.set(alpha=None, markersize=max(_MARKER, shown.get_markersize()))


def legend_rows(labels: Sequence[str], shape: Shape) -> int:
    """In how many lines a legend has these labels."""
    return n_rows(len(labels), _columns(labels, shape.width)) if labels else 0


def _columns(labels: Sequence[str], width: float) -> int:
    """The most columns that stand beside each other on `width`; the first ones are the longest."""
    for n in range(len(labels), 1, -1):
        columns = np.array_split(np.array([len(label) for label in labels]), n)
        if sum(_HANDLE + _LETTER * int(each.max()) for each in columns) <= width:
            return n
    return 1


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
