"""A picture -> what Plotly draws of it: traces and layout, as JSON has them."""

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tuner.plots._placing import Place, places
from tuner.plots._thinning import thinned
from tuner.plots._traces import BAND, Trace, literal, numbered, traces
from tuner.plots.picture import Axis, Picture
from tuner.plots.plot import Plot

if TYPE_CHECKING:
    from plotly import graph_objects as go

_WIDE = 72
"""Characters that fit on a line of a title."""

_TICKS = 5
_AXIS = {"linecolor": "#444444", "gridcolor": "#dddddd", "zeroline": False, "automargin": True}
_LEGEND = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}


def figure_of(plot: Plot) -> "go.Figure":
    """The figure of a plot; TypeError of one that is more than a picture."""
    from plotly import graph_objects as go  # noqa: PLC0415 (half a second)

    found = document_of(plot)
    found["layout"]["template"] = {}  # else the one that Plotly gives to its figures
    return go.Figure(found)


def document_of(plot: Plot) -> dict[str, Any]:
    """The same as `data` and `layout`, in types that JSON has."""
    if not isinstance(plot.picture, Picture):
        raise TypeError(f"{plot.title!r} can be drawn by Matplotlib only")
    return document(thinned(plot.picture))


def document(picture: Picture) -> dict[str, Any]:
    """A picture as `data` and `layout`, every axis with its limits."""
    found = list(places(picture))
    title = literal(picture.title, _WIDE)
    layout = {
        "title": {
            "text": title,
            "font": {"size": 13},
            "x": 0,
            "xref": "paper",
        },
        "margin": {"l": 60, "r": 15, "t": 62 + 16 * title.count("<br>"), "b": 95},
        "legend": _LEGEND,
        "font": {"size": 11},
        "plot_bgcolor": "white",
        "barmode": "overlay",
        "annotations": [note for place in found for note in _notes(place)],
        **{name: axis for place in found for name, axis in _axes(place).items()},
    }
    return {
        "data": list(_named_once(t for place in found for t in traces(place))),
        "layout": layout,
    }


def _axes(place: Place) -> dict[str, dict[str, Any]]:
    n, first, block, panel = place.number, place.first, place.block, place.panel
    x = _axis(panel.x) | {"domain": list(place.across), "anchor": f"y{numbered(n)}"}
    y = _axis(block.y) | {"domain": list(place.along), "anchor": f"x{numbered(n)}"}
    x |= {"showticklabels": place.is_lowest}
    y |= {"showticklabels": place.is_left}
    if n != first:
        y["matches"] = f"y{numbered(first)}"
        if block.shares_x:
            x["matches"] = f"x{numbered(first)}"
    return {f"xaxis{numbered(n)}": x, f"yaxis{numbered(n)}": y}


def _axis(axis: Axis) -> dict[str, Any]:
    found: dict[str, Any] = dict(_AXIS)
    if axis.limits is not None:
        found["range"] = list(axis.limits)
    if axis.names:
        names = ["<br>".join(map(literal, name.split("\n"))) for name in axis.names]
        found |= {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    elif axis.is_whole and axis.limits is not None:
        found |= {"tick0": 0, "dtick": _whole_step(axis.limits[1] - axis.limits[0])}
    elif axis.unit:
        sign = "+" if axis.is_signed else ""
        found |= {"tickformat": f"{sign}.3~%", "hoverformat": f"{sign}.2%"}
    return found


def _whole_step(span: float) -> int:
    """A round number, of which about five make the span."""
    power = int(10 ** max(0, math.floor(math.log10(span / _TICKS))))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= span / _TICKS)


def _notes(place: Place) -> Iterator[dict[str, Any]]:
    """Titles and labels: Plotly has none for panels, nor for axes that many panels share."""
    across = sum(place.across) / 2
    base = {"xref": "paper", "yref": "paper", "showarrow": False, "xanchor": "center"}
    panel, block = place.panel, place.block
    said = literal(panel.title) + (f" ({literal(panel.note)})" if panel.note else "")
    if said:
        top = {"x": across, "y": place.along[1], "yanchor": "bottom", "font": {"size": 10}}
        yield base | top | {"text": said}
    label = {"x": across, "y": place.along[0], "yshift": -18, "yanchor": "top"}
    if place.is_lowest and panel.x.label:
        yield base | label | {"text": literal(panel.x.label)}
    if place.number == place.first and block.y.label and not place.is_named_above:
        side = {"x": 0, "xshift": -58, "y": sum(place.of_block) / 2, "textangle": -90}
        yield base | side | {"text": literal(block.y.label), "xanchor": "left"}


def _named_once(drawn: Iterable[Trace]) -> Iterator[Trace]:
    """One line of the legend for all marks of a name, none for those without a name."""
    named: set[str] = {""}
    for trace in drawn:
        name = trace["name"]
        is_shown = name not in named and trace.get("meta") != BAND and len(trace["x"]) > 0
        if is_shown:
            named.add(name)
        yield trace | {"showlegend": is_shown}
