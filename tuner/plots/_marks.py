"""A mark of a picture -> lines, points and areas on Matplotlib's axes."""

from typing import Any

from matplotlib.axes import Axes

from tuner.plots._drawing import scatter
from tuner.plots.picture import GREY, OFF_SCALE, Bars, Line, Mark, Points, Rule, Span

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
_BAR = 0.62


def draw_mark(axes: Axes, mark: Mark) -> None:
    """Draw a mark, and name it in the legend where it has a label."""
    if isinstance(mark, Points):
        _draw_points(axes, mark)
    elif isinstance(mark, Line):
        _draw_line(axes, mark)
    elif isinstance(mark, Bars):
        _draw_bars(axes, mark)
    elif isinstance(mark, Span):
        axes.axvspan(mark.low, mark.high, color=mark.color, alpha=0.35, lw=0, label=mark.label)
    else:
        _draw_rule(axes, mark)


def _draw_rule(axes: Axes, rule: Rule) -> None:
    across = axes.axvline if rule.upright else axes.axhline
    across(rule.at, color=GREY, linestyle=":", label=rule.label)


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


def _draw_bars(axes: Axes, bars: Bars) -> None:
    axes.barh(
        bars.y,
        bars.length,
        _BAR,
        bars.start or 0.0,
        facecolor=bars.color if bars.fill == "solid" else "white",
        edgecolor=bars.color,
        hatch="//////" if bars.fill == "striped" else "",
        linewidth=0.8,
        label=bars.label,
    )


def _draw_line(axes: Axes, line: Line) -> None:
    if line.band is not None:
        x = line.curves[0][0]
        axes.fill_between(x, *line.band, color=line.color, alpha=0.2, lw=0)
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
