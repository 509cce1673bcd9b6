"""A picture -> a Matplotlib figure."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from tuner.plots._drawing import (
    WIDTH,
    grid,
    legend_below,
    n_rows,
    scatter,
    title,
    whole_numbers,
)
from tuner.plots.picture import GREY, OFF_SCALE, Axis, Block, Line, Mark, Panel, Picture, Points

_MARKERS = {
    "circle": "o",
    "cross": "x",
    "diamond": "D",
    "square": "s",
    "tick": "|",
    "left": "<",
    "right": ">",
    "down": "v",
    "up": "^",
}
_DASHES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
_SIZE, _WIDTH = 3.0, 1.2
_MARKS_OF_A_LINE = 5
_BELOW = 0.75
"""Inches for title, legend and the labels of the lowest panels."""

_FEW_COLUMNS = 2


def draw(picture: Picture) -> Figure:
    """The picture as wide as a column of print."""
    heights = [b.height * n_rows(len(b.panels), b.columns) for b in picture.blocks]
    n = len(heights)
    figure = Figure(figsize=(WIDTH, sum(heights) + _BELOW * (1 + 0.2 * (n - 1))))
    parts: Iterable[FigureBase] = [figure]
    if n > 1:
        parts = np.asarray(figure.subfigures(n, 1, height_ratios=heights))
    for part, block in zip(parts, picture.blocks, strict=True):
        _draw_block(part, block)
    legend_below(figure, picture.legend_columns)
    title(figure, picture.title)
    return figure


def _draw_block(part: FigureBase, block: Block) -> None:
    n = len(block.panels)
    found, lowest = grid(part, n, block.columns, share_x=block.shares_x, share_y=True)
    for axes, panel in zip(found, block.panels, strict=True):
        _draw_panel(axes, panel)
        if axes in lowest:
            _set_x(axes, panel.x, n_columns=min(n, block.columns))
    y = block.y
    if y.limits is not None:
        found[0].set_ylim(*y.limits)
    if y.names:
        found[0].set_yticks(range(len(y.names)), y.names)
    if len(lowest) == n:
        found[0].set_ylabel(y.label)
    else:
        part.supylabel(y.label, fontsize="medium")


def _set_x(axes: Axes, x: Axis, n_columns: int) -> None:
    if x.limits is not None:
        axes.set_xlim(*x.limits)
    if x.is_whole:
        whole_numbers(axes, x.label, 5 if n_columns < 3 else 3)
    else:
        axes.set_xlabel(x.label)
        if n_columns > 1:
            axes.locator_params(axis="x", nbins=2)
        if n_columns > _FEW_COLUMNS:  # where the numbers of three ticks would run into each other
            low, high = axes.get_xlim()
            ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
            axes.set_xticks(ticks[:: max(1, len(ticks) - 1)])


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for mark in panel.marks:
        _draw_mark(axes, mark)
    axes.set_title("\n".join(text for text in (panel.title, panel.note) if text))


def _draw_mark(axes: Axes, mark: Mark) -> None:
    if isinstance(mark, Points):
        _draw_points(axes, mark)
    elif isinstance(mark, Line):
        _draw_line(axes, mark)
    else:
        across = axes.axvline if mark.upright else axes.axhline
        across(mark.at, color=GREY, linestyle=":", label=mark.label)


def _draw_points(axes: Axes, points: Points) -> None:
    look: dict[str, Any] = {
        "color": points.color,
        "label": points.label,
        "zorder": 3 if points.on_top else 2,
        "clip_on": points.label != OFF_SCALE,
    }
    if points.opacity != 1:
        look["alpha"] = points.opacity
    if points.size != 1:
        look["markersize"] = _SIZE * points.size
    if not points.is_filled:
        look["markerfacecolor"] = "white"
    scatter(axes, points.x, points.y, _MARKERS[points.marker], **look)


def _draw_line(axes: Axes, line: Line) -> None:
    if line.band is not None:
        x = line.curves[0][0]
        axes.fill_between(x, *line.band, color=line.color, alpha=0.25, lw=0)
    longest = max((len(x) for x, _ in line.curves), default=0)
    axes.plot(
        *line.joined(),
        _DASHES[line.dashes],
        color=line.color,
        label=line.label,
        linewidth=_WIDTH * line.width,
        alpha=line.opacity,
        marker=_MARKERS[line.marker] if line.marker else "",
        markevery=max(1, longest // _MARKS_OF_A_LINE),
        drawstyle="steps-post" if line.steps else "default",
        zorder=3 if line.on_top else 2,
    )
