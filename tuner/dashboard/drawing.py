"""A picture -> a Plotly figure, in the half of a page that optuna-dashboard gives to each."""

import math
from collections.abc import Iterator
from typing import Any

from plotly import graph_objects as go

from tuner.dashboard.placing import Place, places
from tuner.dashboard.traces import BAND, literal, traces
from tuner.plots.picture import Axis, Picture

_WIDE = 95
"""Characters that fit on a line of a title."""

_TICKS = 5
_AXIS = {"linecolor": "#444444", "gridcolor": "#dddddd", "zeroline": False, "automargin": True}
_LEGEND = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}


def draw(picture: Picture) -> go.Figure:
    """The picture as a figure of Plotly, every axis with its limits."""
    found = list(places(picture))
    figure = go.Figure([trace for place in found for trace in traces(place)])
    figure.update_layout(
        template=go.layout.Template(),
        title={
            "text": literal(picture.title, _WIDE),
            "font": {"size": 13},
            "x": 0,
            "xref": "paper",
        },
        margin={"l": 60, "r": 15, "t": 62, "b": 95},
        legend=_LEGEND,
        font={"size": 11},
        plot_bgcolor="white",
        annotations=[note for place in found for note in _notes(place)],
        **{name: axis for place in found for name, axis in _axes(place).items()},
    )
    _name_once(figure)
    return figure


def _axes(place: Place) -> dict[str, dict[str, Any]]:
    n, first, block, panel = place.number, place.first, place.block, place.panel
    x = _axis(panel.x) | {"domain": list(place.across), "anchor": f"y{n}"}
    y = _axis(block.y) | {"domain": list(place.along), "anchor": f"x{n}"}
    x |= {"showticklabels": place.is_lowest}
    y |= {"showticklabels": place.is_left}
    if n != first:
        y["matches"] = f"y{first}"
        if block.shares_x:
            x["matches"] = f"x{first}"
    return {f"xaxis{n}": x, f"yaxis{n}": y}


def _axis(axis: Axis) -> dict[str, Any]:
    found: dict[str, Any] = dict(_AXIS)
    if axis.limits is not None:
        found["range"] = list(axis.limits)
    if axis.names:
        names = [literal(name) for name in axis.names]
        found |= {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    elif axis.is_whole and axis.limits is not None:
        found |= {"tick0": 0, "dtick": _whole_step(axis.limits[1] - axis.limits[0])}
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
    if place.number == place.first and block.y.label:
        side = {"x": 0, "xshift": -58, "y": sum(place.of_block) / 2, "textangle": -90}
        yield base | side | {"text": literal(block.y.label), "xanchor": "left"}


def _name_once(figure: go.Figure) -> None:
    """One line of the legend for all marks of a name, none for those without a name."""
    named: set[str] = {""}
    for trace in figure.data:
        trace.showlegend = trace.name not in named and trace.meta != BAND and len(trace.x) > 0
        if trace.showlegend:
            named.add(trace.name)
