"""A picture -> a Matplotlib figure."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis as Ticked
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import FuncFormatter

from tuner.plots._drawing import (
    grid,
    legend_below,
    legend_rows,
    n_rows,
    new_figure,
    title,
    whole_numbers,
)
from tuner.plots._marks import draw_mark
from tuner.plots.picture import Axis, Block, Panel, Picture
from tuner.plots.shapes import COLUMN, WIDE, Shape

_BELOW, _LINE, _AXIS = 0.55, 0.14, 0.15
"""Inches for title and labels, for a line of the legend, and for those of one more block."""

_FEW_COLUMNS = 2


def draw(picture: Picture, shape: Shape = COLUMN) -> Figure:
    """The picture in a shape: in a column blocks stand below each other, in 16:9 beside."""
    heights = [b.height * n_rows(len(b.panels), b.columns) for b in picture.blocks]
    below = _BELOW + _LINE * legend_rows(picture.labels, shape) + _AXIS * (len(heights) - 1)
    figure = new_figure(shape, sum(heights) + below)
    parts = _parts(figure, picture, shape, heights)
    for part, block in zip(parts, picture.blocks, strict=True):
        is_same = shape.height is not None and block.y == picture.blocks[0].y
        _draw_block(part, block, is_named=not is_same or part is parts[0])
    legend_below(figure)
    title(figure, picture.title)
    return figure


def _parts(
    figure: Figure, picture: Picture, shape: Shape, heights: Sequence[float]
) -> Sequence[FigureBase]:
    n = len(heights)
    if n == 1:
        return [figure]
    if shape.height is None:
        return list(np.asarray(figure.subfigures(n, 1, height_ratios=heights)).flat)
    widths = [block.width for block in picture.blocks]
    return list(np.asarray(figure.subfigures(1, n, width_ratios=widths)).flat)


def _draw_block(part: FigureBase, block: Block, *, is_named: bool) -> None:
    """`is_named`: whether the y axis is not that of the block to the left."""
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
    for axes in found:
        _write(axes.yaxis, y)
        if not is_named:
            axes.tick_params(labelleft=False)
    if not is_named:
        return
    if len(lowest) == n:
        found[0].set_ylabel(_label(y))
    else:
        part.supylabel(_label(y), fontsize="medium")


def _set_x(axes: Axes, x: Axis, n_columns: int) -> None:
    if x.limits is not None:
        axes.set_xlim(*x.limits)
    _write(axes.xaxis, x)
    if x.names:
        axes.set_xticks(range(len(x.names)), x.names)
        axes.set_xlabel(x.label)
    elif x.is_whole:
        whole_numbers(axes, x.label, 5 if n_columns < 3 else 3)
    else:
        figure = axes.get_figure(root=True)
        is_narrow = figure is not None and figure.get_figwidth() < WIDE.width
        is_narrow &= n_columns > _FEW_COLUMNS
        axes.set_xlabel(_label(x).replace(", ", "\n") if is_narrow else _label(x))
        if n_columns > 1:
            axes.locator_params(axis="x", nbins=2)
        if n_columns > _FEW_COLUMNS:  # where the numbers of three ticks would run into each other
            low, high = axes.get_xlim()
            ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
            axes.set_xticks(ticks[:: max(1, len(ticks) - 1)])


def _write(ticked: Ticked, axis: Axis) -> None:
    """How the numbers of an axis are written."""
    if axis.unit or axis.is_signed:
        ticked.set_major_formatter(FuncFormatter(lambda value, _: _written(value, axis)))


def _written(value: float, axis: Axis) -> str:
    number = round(100 * value if axis.unit else value, 6) + 0.0  # never -0
    sign = "+" if axis.is_signed and number else ""
    return f"{number:{sign}.{_digits(axis)}g}"


def _digits(axis: Axis) -> int:
    """Those that tell the ticks apart, four at least."""
    low, high = axis.limits or (0.0, 1.0)
    if not low < high:
        return 4
    return max(4, 3 + math.ceil(math.log10(max(abs(low), abs(high)) / (high - low))))


def _label(axis: Axis) -> str:
    return f"{axis.label}, {axis.unit}" if axis.unit else axis.label


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for mark in panel.marks:
        draw_mark(axes, mark)
    axes.set_title("\n".join(text for text in (panel.title, panel.note) if text))
