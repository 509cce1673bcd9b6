"""The rates that trials have learned, beside those that others were given."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np

from tuner.plots._limits import all_of, counted_from, from_zero
from tuner.plots._words import configuration
from tuner.plots.picture import (
    BLACK,
    BLUE,
    NAVY,
    PALE,
    SKY,
    Axis,
    Block,
    Curve,
    Dashes,
    Line,
    Marker,
    Panel,
    Picture,
    Points,
    named,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

_DASHES: tuple[Dashes, ...] = ("solid", "dashed", "dotted", "dashdot")
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
    return Plot(name, _text(rows), rows, _picture(rows, f"{name} (one seed a trial)"))


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


def _picture(rows: Sequence[Row], title: str) -> Picture:
    by_variant: dict[str, list[Trial]] = {}
    for trial in _trials(rows):
        by_variant.setdefault(trial[0]["variant"], []).append(trial)
    learning = {name: _learning(trials) for name, trials in by_variant.items() if _learning(trials)}
    learned = [row for trials in learning.values() for trial in trials for row in trial]
    x = Axis("Epoch", counted_from(1, max(row["epoch"] for row in learned)), is_whole=True)
    above = [Panel(_curves(each), x, name, f"n={len(each)}") for name, each in learning.items()]
    shown = all_of((row["learned"] for row in learned), least_span=_LEAST_SPAN)
    n = len(by_variant)
    strips = [
        mark
        for y, trials in zip(range(n - 1, -1, -1), by_variant.values(), strict=True)
        for best in (False, True)
        for mark in _strip(y, [each for each in trials if each[0]["best"] == best], best=best)
    ]
    most = max(value for mark in strips for value in mark.x)
    below = Panel(strips, Axis("Rate (probability of dropping)", from_zero(most)))
    blocks = [
        Block(above, Axis("Learned rate", shown), 1.25, columns=len(above)),
        Block([below], named(list(by_variant)), 0.3 + 0.24 * n),
    ]
    return Picture(title, blocks)


def _curves(trials: Sequence[Trial]) -> list[Line]:
    """The best trial in strong blue, all others pale: a line a place."""
    lines = []
    for best in (False, True):
        chosen = [trial for trial in trials if trial[0]["best"] == best]
        n_places = max((trial[-1]["place"] + 1 for trial in chosen), default=0)
        for place, dashes in zip(range(n_places), cycle(_DASHES), strict=False):
            found = [[row for row in trial if row["place"] == place] for trial in chosen]
            curves = [(_column(each, "epoch"), _column(each, "learned")) for each in found]
            if best:
                label = f"place {place}, best trial"
                lines.append(Line(label, curves, BLUE, dashes, on_top=True))
            else:
                faint = max(0.15, 1 - len(curves) / 20)
                lines.append(Line("", curves, PALE, dashes, width=0.5, opacity=faint))
    return lines


def _strip(y: int, trials: Sequence[Trial], *, best: bool) -> list[Points]:
    """The rates of one variant: those given as filled points, those learned as hollow ones."""
    color, note = (NAVY, ", best trial") if best else (SKY, "")
    marker: Marker = "diamond" if best else "circle"
    given = [trial[0] for trial in trials if trial[0]["epoch"] is None]
    learning = _learning(trials)
    starts = [trial[0] for trial in learning]
    ends = [each for trial in learning for each in _places(_last(trial))]
    numbers = [trial[0]["trial"] for trial in learning for _ in _last(trial)]
    found = [
        Points(
            f"searched rate{note}",
            *_at(given, y),
            color,
            marker,
            numbers=_column(given, "trial"),
            on_top=best,
        ),
        Points(
            "rate at the start",
            *_at(starts, y),
            BLACK,
            "tick",
            size=2.7,
            numbers=_column(starts, "trial"),
        ),
        Points(
            f"learned rate{note}",
            [rate for rate, _ in ends],
            [y + height for _, height in ends],
            color,
            marker,
            is_filled=False,
            numbers=numbers,
            on_top=best,
        ),
    ]
    return [points for points in found if points.x]


def _at(rows: Sequence[Row], y: int) -> Curve:
    """The rates that trials were given, on the line of their variant."""
    return [row["rate"] or 0.0 for row in rows], [y] * len(rows)


def _places(rates: Sequence[float]) -> list[tuple[float, float]]:
    """Each rate with its height: the first place on top."""
    heights = np.linspace(_SPREAD, -_SPREAD, len(rates)) if len(rates) > 1 else np.zeros(1)
    return list(zip(rates, heights.tolist(), strict=True))


def _column(rows: Sequence[Row], name: str) -> list[Any]:
    return [row[name] for row in rows]
