"""The rates that trials have learned, beside those that others were given."""

from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots._drawing import (
    BLUE,
    GREY,
    ORANGE,
    NotEnoughDataError,
    legend_below,
    whole_numbers,
)
from tuner.results import Results, TrialRow

_DASHES = ("-", "--", ":", "-.")
_SPREAD = 0.28
_LEAST_SPAN = 0.05


def learned_rates(results: Results) -> Figure:
    """Left the learned rates by epoch, a panel a variant; right all rates of the complete trials.

    On the right a searched rate is a point; a learned one starts at the tick and is drawn once for
    each dropout place, the first place on top. The best trial of each variant has diamonds.
    """
    complete = [t for t in results.trials if t.value is not None and t.variant != "none"]
    learning = [
        row.variant
        for row in results.variants
        if any(t.learned_rates for t in complete if t.variant == row.variant)
    ]
    if not learning:
        raise NotEnoughDataError("no complete trial of a variant that learns its rates")
    names = [row.variant for row in results.variants if row.best and row.variant != "none"]
    height = max(1.9 * len(learning), 0.36 * len(names)) + 1.5
    figure = Figure(figsize=(9.0, height))
    left, right = np.asarray(figure.subfigures(1, 2, wspace=0.03))
    panels = np.atleast_1d(left.subplots(len(learning), 1, sharex=True, sharey=True))
    for axes, name in zip(panels, learning, strict=True):
        trials = [t for t in complete if t.variant == name and t.learned_rates]
        _draw_epochs(axes, results, trials)
        axes.set_title(f"{name} (n={len(trials)})")
        axes.set_ylabel("Learned rate")
    low, high = panels[0].get_ylim()
    margin = max(0.0, (_LEAST_SPAN - (high - low)) / 2)
    panels[0].set_ylim(low - margin, high + margin)
    whole_numbers(panels[-1], "Epoch")
    axes = right.subplots()
    for y, name in enumerate(reversed(names)):
        best = next(row.best for row in results.variants if row.variant == name)
        for trial in (t for t in complete if t.variant == name):
            _draw_rates(axes, y, trial, is_best=trial == best)
    axes.set_yticks(range(len(names)), reversed(names))
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(left=0)
    axes.set_xlabel("Rate (probability of dropping)")
    axes.set_title("complete trials: searched and learned")
    legend_below(figure, columns=4)
    figure.suptitle(f"{results.definition.name}: learned rates, one seed a trial")
    return figure


def _draw_epochs(axes: Axes, results: Results, trials: list[TrialRow]) -> None:
    sign = 1 if results.maximize else -1
    best = max(trials, key=lambda trial: (sign * (trial.value or 0), -trial.number))
    for trial in trials:
        epochs = results.epochs_of(trial.number)
        color, width = (ORANGE, 1.8) if trial == best else (GREY, 0.8)
        places = zip(*(row.rates for row in epochs), strict=True)
        for place, (rates, dashes) in enumerate(zip(places, cycle(_DASHES), strict=False)):
            axes.plot(
                [row.epoch for row in epochs],
                rates,
                dashes,
                color=color,
                linewidth=width,
                zorder=3 if trial == best else 2,
                label=f"place {place}, best trial" if trial == best else None,
            )


def _draw_rates(axes: Axes, y: int, trial: TrialRow, *, is_best: bool) -> None:
    learned, given = trial.learned_rates, trial.rate or 0.0
    color, marker = (ORANGE, "D") if is_best else (BLUE, "o")
    look: dict[str, Any] = {
        "color": color,
        "marker": marker,
        "linestyle": "",
        "zorder": 3 if is_best else 2,
    }
    name = "learned rate" if learned else "searched rate"
    label = f"{name}, best trial" if is_best else name
    if learned:
        axes.plot([given], [y], "|", color=GREY, markersize=12, label="rate at the start")
        look |= {"markerfacecolor": "white"}
    heights = np.linspace(_SPREAD, -_SPREAD, len(learned)) if len(learned) > 1 else [0.0]
    axes.plot(learned or [given], y + np.asarray(heights), markersize=5, label=label, **look)
