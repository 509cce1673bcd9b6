"""The value of every trial by its rate, a panel a variant."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots._drawing import BLUE, GREY, legend_below, limits, panels, scatter, title
from tuner.plots._panels import columns, draw_smoothed, of_variant
from tuner.plots._plot import NotEnoughDataError, Plot, Row
from tuner.plots._words import configuration, number, value_label
from tuner.results import Results


def value_by_rate(results: Results, _finals: Results | None = None) -> Plot:
    """Every trial's value by its rate, a panel a variant, with a smoothed curve and its band."""
    none = next((row.best for row in results.variants if row.variant == "none"), None)
    ranks = {row.variant: rank for rank, row in enumerate(results.variants)}
    rows: list[Row] = [
        {**configuration(trial), "state": trial.state.lower(), "value": trial.last_value}
        if trial.state == "PRUNED"
        else {**configuration(trial), "state": "complete", "value": trial.value}
        for trial in sorted(results.trials, key=lambda t: ranks.get(t.variant, -1))
        if trial.state in ("PRUNED", "COMPLETE")
        if trial == none or (trial.variant != "none" and trial.rate is not None)
        if trial.last_value is not None or trial.value is not None
    ]
    if all(row["variant"] == "none" for row in rows):
        raise NotEnoughDataError("no finished trial with dropout")
    label = value_label(results)
    text = f"{results.definition.name}: {label[0].lower()}{label[1:]} by rate"
    return Plot(
        text, _text(rows, results), rows, lambda: _draw(rows, label, text, results.maximize)
    )


def _text(rows: Sequence[Row], results: Results) -> str:
    best = [
        f"{row.variant} {number(row.best.value)} at {row.best.rate:.2g}"
        for row in results.variants
        if row.best is not None and row.best.rate is not None and row.variant != "none"
    ]
    none = next((row["value"] for row in rows if row["variant"] == "none"), None)
    n = sum(row["variant"] != "none" for row in rows)
    without = "" if none is None else f" Best without dropout: {number(none)}."
    return (
        f"{value_label(results)} of {n} trials by rate, one seed each. Best of each variant:"
        f" {', '.join(best) or 'none is complete'}.{without}"
    )


def _draw(rows: Sequence[Row], label: str, text: str, maximize: bool) -> Figure:
    names = list(dict.fromkeys(row["variant"] for row in rows if row["variant"] != "none"))
    none = next((row["value"] for row in rows if row["variant"] == "none"), None)
    complete = (row["value"] for row in rows if row["state"] == "complete")
    pruned = (row["value"] for row in rows if row["state"] == "pruned")
    bounds, n_outside = limits(complete, pruned, maximize=maximize)
    figure, found, lowest = panels(len(names), 3, 1.15)
    for axes, name in zip(found, names, strict=True):
        _draw_variant(axes, of_variant(rows, name), none)
    if bounds is not None:
        found[0].set_ylim(*bounds)
    legend_below(figure)
    figure.supylabel(label, fontsize="medium")
    for axes in lowest:
        axes.set_xlabel("Rate")
    note = f"; {n_outside} pruned are off the scale" if n_outside else ""
    title(figure, f"{text} (one seed a trial{note})")
    return figure


def _draw_variant(axes: Axes, rows: Sequence[Row], none: float | None) -> None:
    complete = columns((row for row in rows if row["state"] == "complete"), "rate", "value")
    pruned = columns((row for row in rows if row["state"] == "pruned"), "rate", "value")
    if none is not None:
        axes.axhline(none, color=GREY, linestyle=":", label="best without dropout")
    draw_smoothed(axes, *complete)
    scatter(axes, *pruned, "x", color=GREY, label="pruned")
    scatter(axes, *complete, "o", color=BLUE, label="complete")
    axes.set_title(f"{rows[0]['variant']}\nn={len(complete[0])}, {len(pruned[0])} pruned")
