"""Results -> the few points that a figure of the dashboard shows."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tuner.study.results import Results, TrialRow

MOST_COMPLETE, MOST_PRUNED, MOST_LEADERS = 100, 40, 5
"""What is drawn of a variant, and how many variants have a learning curve."""

T = TypeVar("T")


@dataclass(frozen=True)
class Points:
    """Points of one kind; `texts` say which trial each is."""

    x: Sequence[float] | Sequence[str]
    y: Sequence[float] | Sequence[str]
    texts: Sequence[str]


@dataclass(frozen=True)
class Strip:
    """Values of the complete trials of one variant, of which some are drawn, and the best."""

    name: str
    values: Points
    best: Points


@dataclass(frozen=True)
class Panel:
    """The trials of one variant, of which some are drawn."""

    variant: str
    n_complete: int
    n_pruned: int
    complete: Points
    pruned: Points
    best: Points


@dataclass(frozen=True)
class Rates:
    """The rates that one dropout place has learned in complete trials of a variant."""

    name: str
    learned: Sequence[float]
    best: float


@dataclass(frozen=True)
class Curve:
    """The value of a trial by epoch."""

    name: str
    epochs: Sequence[int]
    values: Sequence[float]


def by_rate(results: Results) -> list[Panel]:
    """A panel for each variant that drops, the best first."""
    return [_panel(results, row.variant) for row in results.variants if row.variant != "none"]


def by_variant(results: Results) -> list[Strip]:
    """The values of each variant, the best first."""
    strips = []
    for row in results.variants:
        if row.best is not None:
            name = f"{row.variant} (n={row.n_complete})"
            shown = _thin(_complete(results, row.variant), results)
            strips.append(Strip(name, _values(shown, name), _values([row.best], name)))
    return strips


def curves(results: Results) -> list[Curve]:
    """The best trials of the leading variants, and of no dropout."""
    rows = [row for row in results.variants if row.best is not None]
    shown = [row for row in rows if row.variant != "none"][:MOST_LEADERS]
    shown += [row for row in rows if row.variant == "none"]
    found = []
    for best in (row.best for row in shown if row.best is not None):
        epochs = results.epochs_of(best.number)
        rate = "" if best.variant == "none" else f" {best.rate or 0.0:.2g}"
        name = f"{best.variant}{rate} (trial {best.number})"
        found.append(Curve(name, [e.epoch for e in epochs], [_short(e.val_value) for e in epochs]))
    return found


def learned_rates(results: Results) -> list[Rates]:
    """What each place has learned, by variant and place."""
    found = []
    for row in results.variants:
        trials = [t for t in _complete(results, row.variant) if t.learned_rates]
        if row.best is None or not row.best.learned_rates:
            continue
        for place, best in enumerate(row.best.learned_rates):
            rates = [t.learned_rates[place] for t in trials if place < len(t.learned_rates)]
            name = f"{row.variant}, place {place} (n={len(rates)})"
            shown = [_short(rate) for rate in _spread(rates, MOST_COMPLETE)]
            found.append(Rates(name, shown, _short(best)))
    return found


def no_dropout(results: Results) -> float | None:
    """The best value without dropout."""
    best = next((row.best for row in results.variants if row.variant == "none"), None)
    return None if best is None else best.value


def limits(results: Results) -> tuple[float, float] | None:
    """The range of values to show, that of all complete trials but the worst twentieth."""
    values = [t.value for t in results.trials if t.value is not None and math.isfinite(t.value)]
    if len(values) < 2:
        return None
    low, high = np.quantile(values, (0.05, 1.0) if results.maximize else (0.0, 0.95))
    margin = 0.08 * (high - low) or 0.01
    return float(low - margin), float(high + margin)


def n_outside(results: Results) -> int:
    """How many complete and pruned trials are not within `limits`."""
    shown = limits(results)
    if shown is None:
        return 0
    seen = [t.last_value for t in results.trials if t.state in ("COMPLETE", "PRUNED")]
    return sum(value is not None and not shown[0] <= value <= shown[1] for value in seen)


def _panel(results: Results, variant: str) -> Panel:
    complete = _complete(results, variant)
    pruned = [t for t in results.trials if t.variant == variant and t.state == "PRUNED"]
    best = next(row.best for row in results.variants if row.variant == variant)
    return Panel(
        variant=variant,
        n_complete=len(complete),
        n_pruned=len(pruned),
        complete=_points(_thin(complete, results)),
        pruned=_points(_spread(pruned, MOST_PRUNED)),
        best=_points([] if best is None else [best]),
    )


def _complete(results: Results, variant: str) -> list[TrialRow]:
    return [t for t in results.trials if t.variant == variant and t.value is not None]


def _thin(trials: list[TrialRow], results: Results) -> list[TrialRow]:
    """The best tenth of what may be drawn, and others evenly in the order they ran."""
    sign = -1 if results.maximize else 1
    ranked = sorted(trials, key=lambda t: sign * (t.value or 0.0))
    n_best = MOST_COMPLETE // 10
    best, rest = ranked[:n_best], sorted(ranked[n_best:], key=lambda t: t.number)
    return best + _spread(rest, MOST_COMPLETE - n_best)


def _spread(rows: Sequence[T], most: int) -> list[T]:
    """At most so many, evenly."""
    step = max(1, -(-len(rows) // most))
    return list(rows[::step])


def _points(trials: Iterable[TrialRow]) -> Points:
    kept = [t for t in trials if t.rate is not None and t.last_value is not None]
    return Points(
        [_short(t.rate or 0.0) for t in kept],
        [_short(t.last_value or 0.0) for t in kept],
        [f"trial {t.number}" for t in kept],
    )


def _values(trials: Sequence[TrialRow], name: str) -> Points:
    found = _points(trials)
    return Points(found.y, [name] * len(found.y), found.texts)


def _short(value: float) -> float:
    """Four digits: a figure is kept as text."""
    return float(f"{value:.4g}")
