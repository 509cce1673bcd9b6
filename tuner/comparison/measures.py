"""What is measured of a trial for each claim about dropout, and what it is said to become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tuner.study.results import Results, TrialRow

CLOSE = 0.01
"""A metric has arrived where it is within 1 % of what it is after the last epoch."""

_EPOCH = 6**-0.5
_ROUNDING = 1e-6
Value = Callable[[Results, TrialRow], float | None]
Claimed = Literal["more", "less", "better", "no worse"]


@dataclass(frozen=True)
class Measure:
    """A number of a trial, and what dropout is claimed to make of it.

    `least_spread` is what rounding alone spreads it by; None for what is in the unit of the metric.
    """

    claim: str
    text: str
    claimed: Claimed
    value: Value
    least_spread: float | None = _ROUNDING


def epochs_to_arrive(values: Sequence[float], *, maximize: bool) -> int:
    """The first epoch, from 1, whose value is within 1 % of the last one, or better."""
    last = values[-1]
    edge = last - CLOSE * abs(last) if maximize else last + CLOSE * abs(last)
    arrived = (value >= edge if maximize else value <= edge for value in values)
    return next(epoch for epoch, is_there in enumerate(arrived, start=1) if is_there)


def _gap(results: Results, row: TrialRow) -> float | None:
    """How much better the metric is on the rows that were trained on."""
    return None if row.gap is None else row.gap * (1 if results.maximize else -1)


def _measured(name: str) -> Value:
    return lambda results, row: row.measured.get(name)


def _scaling(results: Results, row: TrialRow) -> float | None:
    found = [row.measured.get(f"{kind}_{results.metric}") for kind in ("scaled", "passes")]
    return None if found[0] is None or found[1] is None else found[0] - found[1]


def _epochs(results: Results, row: TrialRow) -> float | None:
    values = [epoch.val_value for epoch in results.epochs_of(row.number)]
    return epochs_to_arrive(values, maximize=results.maximize) if values else None


MEASURES = (
    Measure("less overfitting", "train - test {metric}", "less", _gap, None),
    Measure("more robust", "{metric}, noisy inputs", "better", _measured("noise_gaussian"), None),
    Measure("more robust", "{metric}, salted inputs", "better", _measured("noise_salt"), None),
    Measure("more robust", "{metric}, units cut", "better", _measured("units_cut"), None),
    Measure("less complex", "share of near-dead units", "more", _measured("dead_units")),
    Measure("less complex", "effective rank", "less", _measured("effective_rank")),
    Measure("averages models", "{metric}, scaled - 20 masks", "no worse", _scaling, None),
    Measure("converges sooner", "epochs to within 1 %", "less", _epochs, _EPOCH),
    Measure("interpretable units", "sparsity of activations", "more", _measured("sparsity")),
    Measure("interpretable units", "class selectivity", "more", _measured("selectivity")),
)
"""The six claims, each with its measures."""
