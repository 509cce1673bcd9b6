"""The marks of a panel -> traces of Plotly."""

import html
import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from tuner.plots._placing import Place
from tuner.plots.picture import GREY, Bars, Line, Mark, Points, Rule, Span

BAND = "band"
"""What the surface of an interval has as its `meta`."""

_SYMBOLS = {
    "circle": "circle",
    "cross": "x-thin",
    "diamond": "diamond",
    "square": "square",
    "tick": "line-ns",
    "left": "triangle-left",
    "right": "triangle-right",
    "down": "triangle-down",
    "up": "triangle-up",
}
_STROKES = ("cross", "tick")
_DASHES = {"solid": "solid", "dashed": "dash", "dotted": "dot", "dashdot": "dashdot"}
_SIZE, _SIZE_OF_MANY, _FEW = 7.0, 5.0, 2
_WIDTH, _BAR = 2.0, 0.62
_DIGITS = 3
"""Digits after the first of the range of the values: one of so many thousand places is drawn."""

Trace = dict[str, Any]


def traces(place: Place) -> Iterator[Trace]:
    """The marks of a panel, where it stands, in their order."""
    size = _SIZE if len(place.block.panels) <= _FEW else _SIZE_OF_MANY
    number = numbered(place.number)
    where = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    for mark in place.panel.marks:
        for given in _drawn(mark, place, size):
            name = literal(mark.label)
            yield {"type": "scatter", "name": name, "legendgroup": name, **where, **given}


def _drawn(mark: Mark, place: Place, size: float) -> Iterator[Trace]:
    if isinstance(mark, Points):
        yield _points(mark, size)
    elif isinstance(mark, Bars):
        yield _bars(mark)
    elif isinstance(mark, Rule):
        yield _rule(mark, place)
    elif isinstance(mark, Span):
        yield _span(mark, place)
    else:
        if mark.band is not None:
            yield _band(mark)
        yield _line(mark)


def _points(points: Points, size: float) -> Trace:
    is_stroke = points.marker in _STROKES
    color = points.color if points.is_filled else "white"
    edge = {"color": points.color, "width": 1.5 if is_stroke or not points.is_filled else 0}
    what = f"{points.noun} %{{customdata}}: " if points.numbers else ""
    return {
        "x": _short(points.x),
        "y": _short(points.y),
        "customdata": list(points.numbers) or None,
        "hovertemplate": f"{what}(%{{x}}, %{{y}})<extra></extra>",
        "mode": "markers",
        "opacity": points.opacity,
        "marker": {
            "symbol": _SYMBOLS[points.marker],
            "color": color,
            "size": size * points.size,
            "line": edge,
        },
    }


def _bars(bars: Bars) -> Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "x": _short(bars.length),
        "y": list(bars.y),
        "base": _short(bars.start) if bars.start else None,
        "width": _BAR,
        "hovertemplate": "%{y}: %{x}<extra></extra>",
        "marker": {
            "color": bars.color if bars.fill == "solid" else "white",
            "line": {"color": bars.color, "width": 1.5},
            "pattern": {"shape": "/", "fgcolor": bars.color} if bars.fill == "striped" else {},
        },
    }


def _line(line: Line) -> Trace:
    x, y = line.joined()
    look = {"color": line.color, "dash": _DASHES[line.dashes], "width": _WIDTH * line.width}
    return {
        "x": _short(x),
        "y": _short(y),
        "mode": "lines+markers" if line.marker else "lines",
        "line": look | ({"shape": "hv"} if line.steps else {}),
        "opacity": line.opacity,
        "hovertemplate": "(%{x}, %{y})<extra></extra>",
    }


def _band(line: Line) -> Trace:
    """A surface, around which its edge goes forth and back."""
    assert line.band is not None  # noqa: S101
    x, (low, high) = line.curves[0][0], line.band
    return _surface([*x, *reversed(x)], [*low, *reversed(high)], line.color, 0.2)


def _span(span: Span, place: Place) -> Trace:
    low, high = place.block.y.limits or (0.0, 1.0)
    x = [span.low, span.high, span.high, span.low]
    return _surface(x, [low, low, high, high], span.color, 0.35) | {"meta": None}


def _surface(x: Sequence[float], y: Sequence[float], color: str, opacity: float) -> Trace:
    return {
        "x": _short(x),
        "y": _short(y),
        "fill": "toself",
        "opacity": opacity,
        "mode": "lines",
        "line": {"color": color, "width": 0},
        "fillcolor": color,
        "hoverinfo": "skip",
        "meta": BAND,
    }


def _rule(rule: Rule, place: Place) -> Trace:
    ends = (place.panel.x if not rule.upright else place.block.y).limits or (0.0, 1.0)
    across, along = ([rule.at] * 2, list(ends)) if rule.upright else (list(ends), [rule.at] * 2)
    return {
        "x": across,
        "y": along,
        "mode": "lines",
        "line": {"color": GREY, "dash": "dot", "width": 1.5},
        "hoverinfo": "skip",
    }


def numbered(n: int) -> str:
    """How Plotly numbers axes: the first one not at all."""
    return "" if n == 1 else str(n)


def literal(text: str, width: int = 0) -> str:
    """Text that Plotly takes literally, in lines of so many characters."""
    lines = textwrap.wrap(text, width) if width else [text]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _short(values: Sequence[float]) -> list[float | None]:
    """As many digits as can be seen: a figure is kept as text. What is no number is a gap."""
    finite = [value for value in values if math.isfinite(value)]
    spread = max(finite, default=0.0) - min(finite, default=0.0)
    digits = _DIGITS - math.floor(math.log10(spread)) if spread else None
    return [_rounded(value, digits) if math.isfinite(value) else None for value in values]


def _rounded(value: float, digits: int | None) -> float:
    return float(f"{value:.6g}") if digits is None else round(value, digits)
