"""The rates that trials have learned, beside those that others were given."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots._drawing import BLUE, GREY, ORANGE, WIDTH, legend_below, title, whole_numbers
from tuner.plots._panels import of_variant
from tuner.plots._plot import NotEnoughDataError, Plot, Row
from tuner.plots._words import configuration
from tuner.results import Results, TrialRow

_DASHES = ("-", "--", ":", "-.")
_SPREAD = 0.28
_LEAST_SPAN = 0.05


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


def _trials(rows: Sequence[Row]) -> list[list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["trial"], []).append(row)
    return list(found.values())


def _last(trial: Sequence[Row]) -> list[float]:
    return [row["learned"] for row in trial if row["epoch"] == trial[-1]["epoch"]]


def _draw(rows: Sequence[Row], text: str) -> Figure:
    names = list(dict.fromkeys(row["variant"] for row in reversed(rows)))
    learning = [name for name in reversed(names) if any(r["epoch"] for r in of_variant(rows, name))]
    heights = [1.25, 0.3 + 0.24 * len(names)]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.9))
    above, below = np.asarray(figure.subfigures(2, 1, height_ratios=heights))
    panels = np.atleast_1d(above.subplots(1, len(learning), sharex=True, sharey=True))
    for axes, name in zip(panels, learning, strict=True):
        trials = [t for t in _trials(of_variant(rows, name)) if t[0]["epoch"] is not None]
        for trial in trials:
            _draw_epochs(axes, trial)
        axes.set_title(f"{name} (n={len(trials)})")
        whole_numbers(axes, "Epoch")
    panels[0].set_ylabel("Learned rate")
    low, high = panels[0].get_ylim()
    margin = max(0.0, (_LEAST_SPAN - (high - low)) / 2)
    panels[0].set_ylim(low - margin, high + margin)
    axes = below.subplots()
    for y, name in enumerate(names):
        for trial in _trials(of_variant(rows, name)):
            _draw_rates(axes, y, trial)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(left=0)
    axes.set_xlabel("Rate (probability of dropping)")
    legend_below(figure)
    title(figure, f"{text} (one seed a trial)")
    return figure


def _draw_epochs(axes: Axes, trial: Sequence[Row]) -> None:
    best = trial[0]["best"]
    color, width = (ORANGE, 1.4) if best else (GREY, 0.6)
    places = sorted({row["place"] for row in trial})
    for place, dashes in zip(places, cycle(_DASHES), strict=False):
        found = [row for row in trial if row["place"] == place]
        axes.plot(
            [row["epoch"] for row in found],
            [row["learned"] for row in found],
            dashes,
            color=color,
            linewidth=width,
            zorder=3 if best else 2,
            label=f"place {place}, best trial" if best else None,
        )


def _draw_rates(axes: Axes, y: int, trial: Sequence[Row]) -> None:
    best, given = trial[0]["best"], trial[0]["rate"] or 0.0
    color, marker = (ORANGE, "D") if best else (BLUE, "o")
    look: dict[str, Any] = {"color": color, "marker": marker, "zorder": 3 if best else 2}
    learned = [] if trial[0]["epoch"] is None else _last(trial)
    name = "learned rate" if learned else "searched rate"
    label = f"{name}, best trial" if best else name
    if learned:
        axes.plot([given], [y], "|", color=GREY, markersize=8, label="rate at the start")
        look |= {"markerfacecolor": "white"}
    heights = np.linspace(_SPREAD, -_SPREAD, len(learned)) if len(learned) > 1 else [0.0]
    axes.plot(learned or [given], y + np.asarray(heights), linestyle="", label=label, **look)
