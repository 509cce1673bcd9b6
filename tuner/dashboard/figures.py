"""Points -> Plotly figures, in the half of a page that optuna-dashboard gives to each."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from plotly import graph_objects as go
from plotly.subplots import make_subplots

from tuner.comparison.result import ComparisonResult
from tuner.dashboard import points
from tuner.dashboard.points import Panel, Points
from tuner.study.results import Results

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#888888"
_COLORS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#444444")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid")
_GRID = {"gridcolor": "#dddddd", "zeroline": False, "linecolor": "#444444", "automargin": True}
_MOST = f"{points.MOST_COMPLETE} + {points.MOST_PRUNED}"
_COMPLETE = f"complete trials, at most {points.MOST_COMPLETE} drawn"
_RATE = "Rate (probability of dropping)"
_BELOW = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}


def draw(results: Results) -> dict[str, go.Figure]:
    """The figures of a study that has the trials for them, by the name that each is kept under."""
    found = {name: figure(results) for name, figure in _FIGURES.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def value_by_rate(results: Results) -> go.Figure | None:
    """The values of trials by their rate, a panel a variant."""
    panels = points.by_rate(results)
    if not panels:
        return None
    columns = min(4, math.ceil(math.sqrt(len(panels))))
    n_rows = -(-len(panels) // columns)
    titles = [f"{p.variant} (n={p.n_complete}+{p.n_pruned})" for p in panels]
    figure = make_subplots(
        n_rows,
        columns,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=titles,
        x_title=_RATE,
        y_title=_value(results),
        horizontal_spacing=0.02,
        vertical_spacing=0.28 / n_rows,
    )
    none = points.no_dropout(results)
    for place, panel in enumerate(panels):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        for trace in _rate_traces(panel, none):
            figure.add_trace(trace, **where)
    figure.update_annotations(font_size=10)
    outside, side = points.n_outside(results), "below" if results.maximize else "above"
    note = f"; {outside} {side} the axes" if outside else ""
    _style(figure, f"Value by rate (n: complete + pruned, at most {_MOST} drawn{note})")
    figure.update_yaxes(range=points.limits(results))
    return figure


def variants(results: Results) -> go.Figure | None:
    """The values of the complete trials of each variant."""
    strips = points.by_variant(results)
    if len(strips) < 2:
        return None
    figure = go.Figure()
    for strip in strips:
        figure.add_trace(_dots("complete", strip.values, "circle", BLUE, opacity=0.5))
        figure.add_trace(_dots("best", strip.best, "diamond", ORANGE, size=10))
    none = points.no_dropout(results)
    if none is not None:
        figure.add_vline(none, line={"color": GREY, "dash": "dot"})
    _style(figure, f"Variants: {_COMPLETE}; dotted: best without dropout")
    figure.update_xaxes(range=points.limits(results), title=_value(results))
    figure.update_yaxes(autorange="reversed")
    return figure


def curves(results: Results) -> go.Figure | None:
    """The validation metric of the leaders by epoch."""
    found = points.curves(results)
    if not found:
        return None
    figure = go.Figure()
    for curve, color, dash in zip(found, _COLORS, _DASHES, strict=False):
        marker = "lines" if len(curve.epochs) > 2 else "lines+markers"
        line = {"color": color, "dash": dash}
        figure.add_trace(
            go.Scatter(x=curve.epochs, y=curve.values, name=curve.name, mode=marker, line=line)
        )
    _style(figure, "Learning curves: the best trial of each leading variant")
    last = max(max(curve.epochs, default=0) for curve in found)
    figure.update_xaxes(title="Epoch", dtick=1 if last <= 10 else None)
    figure.update_yaxes(title=_value(results))
    return figure


def learned_rates(results: Results) -> go.Figure | None:
    """The rates that places have learned, one line a place."""
    found = points.learned_rates(results)
    if not found:
        return None
    figure = go.Figure()
    for rates in found:
        n = len(rates.learned)
        dots = Points(rates.learned, [rates.name] * n, [rates.name] * n)
        best = Points([rates.best], [rates.name], ["best trial of the variant"])
        figure.add_trace(_dots("complete", dots, "circle", BLUE, opacity=0.5))
        figure.add_trace(_dots("best of its variant", best, "diamond", ORANGE, size=10))
    _style(figure, f"Learned rates by place; {_COMPLETE}")
    figure.update_xaxes(title=_RATE, rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure


def candidates(result: ComparisonResult) -> go.Figure:
    """The candidates of a comparison on the test part, with 95 % intervals."""
    scores = result.comparison.scores
    factor, unit = (100, " (%)") if scores.metric == "accuracy" else (1, "")
    figure = go.Figure()
    for row in result.comparison.rows:
        if row.mean is None:
            continue
        name = f"{row.candidate.name} (n={row.mean.n})"
        low, high = row.mean.interval() or (row.mean.value, row.mean.value)
        x = factor * row.mean.value
        error = {"array": [factor * high - x], "arrayminus": [x - factor * low], "color": BLUE}
        figure.add_trace(_dots("", Points([x], [name], [name]), "circle", BLUE, error_x=error))
    _style(figure, "Candidates on the test part: mean over seeds, 95 % interval")
    figure.update_xaxes(title=f"Test {scores.metric}{unit}")
    figure.update_yaxes(autorange="reversed")
    return figure


_FIGURES: Mapping[str, Callable[[Results], go.Figure | None]] = {
    "value-by-rate": value_by_rate,
    "variants": variants,
    "learning-curves": curves,
    "learned-rates": learned_rates,
}


def _rate_traces(panel: Panel, none: float | None) -> list[go.Scatter]:
    traces = [
        _dots("pruned", panel.pruned, "x", GREY, size=4),
        _dots("complete", panel.complete, "circle", BLUE, size=5),
        _dots("best", panel.best, "diamond", ORANGE),
    ]
    if none is not None:
        name = "best without dropout"
        line = {"color": GREY, "dash": "dot", "width": 1.5}
        ends = {"x": [0, 1], "y": [none, none], "mode": "lines", "hoverinfo": "skip"}
        traces.append(go.Scatter(name=name, legendgroup=name, line=line, **ends))
    return traces


def _dots(
    name: str, shown: Points, symbol: str, color: str, *, size: int = 7, **more: Any
) -> go.Scatter:
    marker = {"symbol": symbol, "color": color, "size": size}
    return go.Scatter(
        x=shown.x,
        y=shown.y,
        text=shown.texts,
        hovertemplate="%{text}: (%{x}, %{y})<extra></extra>",
        name=name,
        legendgroup=name,
        mode="markers",
        marker=marker,
        **more,
    )


def _style(figure: go.Figure, title: str) -> None:
    figure.update_layout(
        template=go.layout.Template(),
        title={"text": title, "font": {"size": 13}, "x": 0, "xref": "paper"},
        margin={"l": 60, "r": 15, "t": 50, "b": 90},
        legend=_BELOW,
        font={"size": 11},
        plot_bgcolor="white",
    )
    figure.update_xaxes(**_GRID)
    figure.update_yaxes(**_GRID)
    named: set[str] = {""}
    for trace in figure.data:
        trace.showlegend = len(trace.x) > 0 and trace.name not in named
        if trace.showlegend:
            named.add(trace.name)


def _value(results: Results) -> str:
    name = results.metric
    return f"Validation {name if name == 'accuracy' else name.upper()} (one seed a trial)"
