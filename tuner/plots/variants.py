"""The variants compared: candidates with their intervals, or the trials of the search."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.comparison.scores import trials_of
from tuner.plots._drawing import (
    BLUE,
    GREY,
    ORANGE,
    draw_outside,
    legend_below,
    limits,
    panels,
    scatter,
    title,
)
from tuner.plots._panels import columns, of_variant
from tuner.plots._words import configuration, number, value_label
from tuner.plots.candidates import finalists_compared
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def variants(results: Results, compared: Results | None = None) -> Plot:
    """Candidates on the test part with intervals over seeds; without them, single trials."""
    trials = {} if compared is None else trials_of(compared)
    if compared is not None and sum(bool(by_seed) for by_seed in trials.values()) > 1:
        return finalists_compared(compared, trials)
    return _searched(results)


def _searched(results: Results) -> Plot:
    """Every complete trial by variant, the best of each marked, no dropout as a line."""
    names = [row.variant for row in results.variants if row.best is not None]
    if len(names) < 2:
        raise NotEnoughDataError("fewer than two variants have a complete trial")
    bests = {row.best.number for row in results.variants if row.best is not None}
    rows: list[Row] = [
        {**configuration(trial), "value": trial.value, "best": trial.number in bests}
        for name in names
        for trial in results.trials
        if trial.variant == name and trial.value is not None
    ]
    label, name = value_label(results), f"{results.definition.name}: variants compared"
    best = ", ".join(f"{row['variant']} {number(row['value'])}" for row in rows if row["best"])
    text = f"{label} of {len(rows)} complete trials by variant, one seed each. Best: {best}."
    return Plot(name, text, rows, lambda: _draw(rows, label, name, results.maximize))


def _draw(rows: Sequence[Row], label: str, text: str, maximize: bool) -> Figure:
    names = list(dict.fromkeys(row["variant"] for row in reversed(rows)))
    figure, (axes,), _ = panels(1, 1, 0.35 + 0.17 * len(names))
    bounds = _bounds(rows, maximize)
    for y, name in enumerate(names):
        _draw_variant(axes, y, of_variant(rows, name), bounds)
    if bounds is not None:
        axes.set_xlim(*bounds)
    counts = {name: len(of_variant(rows, name)) for name in names}
    axes.set_yticks(range(len(names)), [f"{name} (n={n})" for name, n in counts.items()])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel(label)
    title(figure, f"{text} (one seed a trial)")
    legend_below(figure)
    return figure


def _bounds(rows: Sequence[Row], maximize: bool) -> tuple[float, float] | None:
    """What shows most trials, and the best of every variant."""
    most = limits((row["value"] for row in rows), maximize=maximize)
    bests = limits((row["value"] for row in rows if row["best"]), maximize=None, fence=math.inf)
    return (min(most[0], bests[0]), max(most[1], bests[1])) if most and bests else most


def _draw_variant(
    axes: Axes, y: int, rows: Sequence[Row], bounds: tuple[float, float] | None
) -> None:
    values = columns(rows, "trial", "value")[1]
    heights = y + (np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1))
    best = next(row["value"] for row in rows if row["best"])
    scatter(axes, values, heights[: len(values)], "o", color=BLUE, alpha=0.5, label="complete")
    if bounds is not None:
        draw_outside(axes, values, [y] * len(values), bounds, horizontal=True, color=BLUE)
    axes.plot([best], [y], "D", color=ORANGE, markersize=4, label="best")
    if rows[0]["variant"] == "none":
        axes.axvline(best, color=GREY, linestyle=":", label="best without dropout")
