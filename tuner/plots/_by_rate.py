"""A panel a variant over the rate: points, smoothed curve, band."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from tuner.plots._arrays import Floats
from tuner.plots._limits import from_zero, limits
from tuner.plots._rows import by_state, columns, of_variant
from tuner.plots._words import configuration
from tuner.plots.picture import (
    BLUE,
    NAVY,
    PALE,
    Axis,
    Block,
    Limits,
    Line,
    Mark,
    Panel,
    Picture,
    Points,
    Rule,
    off_scale,
)
from tuner.plots.plot import FEWEST_POINTS, NotEnoughDataError, Row
from tuner.study.results import Results, TrialRow

_SMOOTHING = 0.12
_MIN_FOR_CURVE = 8
_N_CURVE = 30
_MOST_PANELS = 6


def trials_with_rate(results: Results) -> list[TrialRow]:
    """The finished trials by variant, the best one first; without dropout only the best."""
    ranks = {row.variant: rank for rank, row in enumerate(results.variants)}
    none = next((row.best for row in results.variants if row.variant == "none"), None)
    return sorted(
        (
            trial
            for trial in results.trials
            if trial == none or (trial.variant != "none" and trial.rate is not None)
            if trial.variant in ranks
        ),
        key=lambda trial: ranks[trial.variant],
    )


def row_of(trial: TrialRow, **values: Any) -> Row:
    """A trial as a row, with what it is drawn at."""
    return {**configuration(trial), "state": trial.state.lower(), **values}


def by_rate(
    rows: Sequence[Row], y: str, label: str, title: str, *, maximize: bool | None
) -> Picture:
    """Column `y` by rate: a panel a variant, the one without dropout as a line."""
    names = leading(rows)
    with_dropout = [row for row in rows if row["variant"] in names]
    none = next((row[y] for row in rows if row["variant"] == "none"), None)
    complete, pruned = by_state(with_dropout)
    shown = limits(
        [*(row[y] for row in complete), none], [row[y] for row in pruned], maximize=maximize
    )
    x = Axis("Dropout rate", from_zero(max(row["rate"] for row in with_dropout)))
    panels = [_panel(of_variant(rows, name), y, none, x, shown) for name in names]
    return Picture(title, [Block(panels, Axis(label, shown), 1.15, columns=3)])


def leading(rows: Sequence[Row]) -> list[str]:
    """The first six variants that have points enough for a panel; NotEnoughDataError without."""
    n = Counter(row["variant"] for row in rows if row["variant"] != "none")
    found = [name for name, points in n.items() if points >= FEWEST_POINTS]
    if not found:
        raise NotEnoughDataError(f"no variant of dropout has {FEWEST_POINTS} trials for it")
    return found[:_MOST_PANELS]


def _panel(rows: Sequence[Row], y: str, none: float | None, x: Axis, shown: Limits | None) -> Panel:
    complete, pruned = by_state(rows)
    dots = [_dots(pruned, y, "pruned"), _dots(complete, y, "complete")]
    rule = [] if none is None else [Rule("best without dropout", none)]
    marks: list[Mark] = [*rule, *dots, *chain.from_iterable(off_scale(d, y=shown) for d in dots)]
    marks += _smoothed(dots[1])
    best = columns([row for row in rows if row.get("best")], "rate", y)
    if best.x:
        where = (best.x, best.y)
        marks.append(
            Points("best", *where, NAVY, "diamond", size=1.2, numbers=best.trials, on_top=True)
        )
    more = f" + {len(pruned)}" if pruned else ""
    return Panel(marks, x, rows[0]["variant"], f"n={len(rows) - len(pruned)}{more}")


def _dots(rows: Iterable[Row], y: str, state: str) -> Points:
    found = columns(rows, "rate", y)
    where = (found.x, found.y)
    if state == "pruned":
        return Points(state, *where, PALE, "cross", numbers=found.trials)
    return Points(state, *where, BLUE, "circle", numbers=found.trials)


def _smoothed(dots: Points) -> list[Line]:
    if len(set(dots.x)) < _MIN_FOR_CURVE:
        return []
    at = np.linspace(min(dots.x), max(dots.x), _N_CURVE)
    mean, error = smooth(dots.x, dots.y, at)
    band = ((mean - 2 * error).tolist(), (mean + 2 * error).tolist())
    curve = (at.tolist(), mean.tolist())
    return [Line("smoothed, ± 2 s.e.", [curve], BLUE, band=band, on_top=True)]


def smooth(rates: Sequence[float], values: Sequence[float], at: Floats) -> tuple[Floats, Floats]:
    """Kernel-weighted mean of `values` at the rates `at`, and the standard error of that mean.

    Gaussian kernel of width 0.12 on the rate axis; the error from the weighted variance and the
    effective number of points, 1 / sum of squared weights.
    """
    weights = np.exp(-0.5 * ((at[:, None] - np.asarray(rates)) / _SMOOTHING) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights @ np.asarray(values)
    variance = (weights * (np.asarray(values) - mean[:, None]) ** 2).sum(axis=1)
    effective = 1.0 / (weights**2).sum(axis=1)
    return mean, np.sqrt(variance / np.maximum(effective - 1.0, 1.0))
