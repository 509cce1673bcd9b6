"""The rates that trials have learned, beside those that others were given."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots._drawing import (
    BLUE,
    GREY,
    ORANGE,
    WIDTH,
    legend_below,
    scatter,
    title,
    whole_numbers,
)
from tuner.plots._words import configuration
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

_DASHES = ("-", "--", ":", "-.")
_SPREAD = 0.28
_LEAST_SPAN = 0.05
Trial = list[Row]


def learned_rates(results: Results, _finals: Results | None = None) -> Plot:
    """Above the learned rates by epoch, a panel a variant; below all rates of complete trials.

    Below, a searched rate is a point; a learned one starts at the tick and is drawn once for each
    dropout place, the first place on top. The best trial of each variant has diamonds.
    """
    bests = {row.best.number for row in results.variants if row.best is not None}
    ranks = {row.variant: rank for rank, row in enumerate(results.variants)}
    complete = [t for t in results.trials if t.value is not None and t.variant != "none"]
    complete.sort(key=lambda trial: ranks[trial.variant])
    if not any(trial.learned_rates for trial in complete):
        raise NotEnoughDataError("no complete trial of a variant that learns its rates")
    rows = [row for trial in complete for row in _rows(results, trial, trial.number in bests)]
    name = f"{results.definition.name}: learned rates"
    return Plot(name, _text(rows), rows, lambda: _draw(rows, name))


def _rows(results: Results, trial: TrialRow, best: bool) -> list[Row]:
    """A row for each epoch and place that learns; one, without them, for a rate that is given."""
    shared = {**configuration(trial), "best": best}
    if not trial.learned_rates:
        return [{**shared, "epoch": None, "place": None, "learned": None}]
    return [
        {**shared, "epoch": epoch.epoch, "place": place, "learned": rate}
        for epoch in results.epochs_of(trial.number)
        for place, rate in enumerate(epoch.rates)
    ]


def _text(rows: Sequence[Row]) -> str:
    ends = [
        f"{trial[0]['variant']} {', '.join(f'{rate:.2g}' for rate in _last(trial))}"
        f" (from {trial[0]['rate']:.2g})"
        for trial in _trials(rows)
        if trial[0]["best"] and trial[0]["epoch"] is not None
    ]
    return (
        "Rates that the best trial of each learning variant has at its end, by dropout place:"
        f" {'; '.join(ends) or 'the best trials have learned none'}. One seed a trial."
    )


def _trials(rows: Sequence[Row]) -> list[Trial]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["trial"], []).append(row)
    return list(found.values())


def _learning(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial[0]["epoch"] is not None]


def _last(trial: Trial) -> list[float]:
    return [row["learned"] for row in trial if row["epoch"] == trial[-1]["epoch"]]


def _draw(rows: Sequence[Row], text: str) -> Figure:
    by_variant: dict[str, list[Trial]] = {}
    for trial in _trials(rows):
        by_variant.setdefault(trial[0]["variant"], []).append(trial)
    learning = {name: _learning(trials) for name, trials in by_variant.items() if _learning(trials)}
    heights = [1.25, 0.3 + 0.24 * len(by_variant)]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.9))
    above, below = np.asarray(figure.subfigures(2, 1, height_ratios=heights))
    panels = np.atleast_1d(above.subplots(1, len(learning), sharex=True, sharey=True))
    for axes, (name, trials) in zip(panels, learning.items(), strict=True):
        _draw_epochs(axes, trials)
        axes.set_title(f"{name} (n={len(trials)})")
        whole_numbers(axes, "Epoch")
    panels[0].set_ylabel("Learned rate")
    low, high = panels[0].get_ylim()
    margin = max(0.0, (_LEAST_SPAN - (high - low)) / 2)
    panels[0].set_ylim(low - margin, high + margin)
    _draw_strips(below.subplots(), by_variant)
    legend_below(figure)
    title(figure, f"{text} (one seed a trial)")
    return figure


def _draw_epochs(axes: Axes, trials: Sequence[Trial]) -> None:
    """The best trial in colour, all others in grey: a line a place, with gaps between trials."""
    for best in (False, True):
        chosen = [trial for trial in trials if trial[0]["best"] == best]
        n_places = max((trial[-1]["place"] + 1 for trial in chosen), default=0)
        for place, dashes in zip(range(n_places), cycle(_DASHES), strict=False):
            lines = [[row for row in trial if row["place"] == place] for trial in chosen]
            look: dict[str, Any] = {"color": ORANGE, "label": f"place {place}, best trial"}
            if not best:
                look = {"color": GREY, "linewidth": 0.6, "alpha": max(0.15, 1 - len(lines) / 20)}
            epochs = [value for line in lines for value in (*_column(line, "epoch"), math.nan)]
            rates = [value for line in lines for value in (*_column(line, "learned"), math.nan)]
            axes.plot(epochs, rates, dashes, **look)


def _draw_strips(axes: Axes, by_variant: Mapping[str, Sequence[Trial]]) -> None:
    n = len(by_variant)
    for y, trials in zip(range(n - 1, -1, -1), by_variant.values(), strict=True):
        for best in (False, True):
            chosen = [trial for trial in trials if trial[0]["best"] == best]
            _draw_strip(axes, y, chosen, best=best)
    axes.set_yticks(range(n - 1, -1, -1), list(by_variant))
    axes.set_ylim(-0.6, n - 0.4)
    axes.set_xlim(left=0)
    axes.set_xlabel("Rate (probability of dropping)")


def _draw_strip(axes: Axes, y: int, trials: Sequence[Trial], *, best: bool) -> None:
    """The rates of one variant: those given as filled points, those learned as hollow ones."""
    color, marker, note = (ORANGE, "D", ", best trial") if best else (BLUE, "o", "")
    order = 3 if best else 2
    given = [trial[0]["rate"] or 0.0 for trial in trials if trial[0]["epoch"] is None]
    if given:
        look: dict[str, Any] = {"color": color, "zorder": order}
        scatter(axes, given, np.full(len(given), y), marker, label=f"searched rate{note}", **look)
    learning = _learning(trials)
    if learning:
        starts = [trial[0]["rate"] or 0.0 for trial in learning]
        look = {"color": GREY, "markersize": 8, "label": "rate at the start"}
        scatter(axes, starts, np.full(len(starts), y), "|", **look)
        ends = [(rate, y + at) for trial in learning for rate, at in _places(_last(trial))]
        look = {"color": color, "markerfacecolor": "white", "zorder": order}
        x, heights = np.transpose(ends)
        scatter(axes, x, heights, marker, label=f"learned rate{note}", **look)


def _places(rates: Sequence[float]) -> list[tuple[float, float]]:
    """Each rate with its height: the first place on top."""
    heights = np.linspace(_SPREAD, -_SPREAD, len(rates)) if len(rates) > 1 else np.zeros(1)
    return list(zip(rates, heights.tolist(), strict=True))


def _column(rows: Sequence[Row], name: str) -> list[float]:
    return [row[name] for row in rows]
