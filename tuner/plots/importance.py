"""Which params decide whether a trial is among the best."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution

from tuner.plots._arrays import Floats
from tuner.plots.picture import (
    BLACK,
    BLUE,
    GREY,
    Axis,
    Bars,
    Block,
    Mark,
    Panel,
    Picture,
    Points,
    named,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.curves.candidates import is_own
from tuner.study.curves.points import Scale, scale_of
from tuner.study.distributions import axis_of
from tuner.study.results import Results, TrialRow

_LEAST_TRIALS = 20
_LEAST_OF_PARAM = 20
_SHUFFLES = 19
"""The largest of 19 shuffles is exceeded by chance in one of 20 studies."""

_MOST_PARAMS = 9
_LONGEST = 24
_QUANTILE = 0.2
_BINS = 5


def importance(results: Results, _compared: Results | None = None) -> Plot:
    """The importance of each param for a value in the best fifth, beside what chance gives.

    How far apart the best fifth of the complete trials and all of them lie along the param, as in
    PED-ANOVA (Watanabe et al. 2023), in five classes of as many trials: ranks count, so that no
    diverged trial matters. A param that only some trials have is judged on those, and a rate at
    its place in the range of its variant. Chance is the most that any of 19 shuffles gives.
    """
    trials = [t for t in results.trials if t.value is not None and math.isfinite(t.value)]
    counts = Counter(name for trial in trials for name in _searched(trial))
    names = [name for name, n in counts.items() if n >= _LEAST_OF_PARAM]
    if len(trials) < _LEAST_TRIALS or len(names) < 2:
        raise NotEnoughDataError(
            f"needs {_LEAST_TRIALS} complete trials and two params of {_LEAST_OF_PARAM} each"
        )
    found = {name: _apart(trials, name, maximize=results.maximize) for name in names}
    total = sum(own[0] for own in found.values()) or 1.0
    rows: list[Row] = [
        {
            "param": name,
            "importance": found[name][0] / total,
            "chance": max(found[name][1:]) / total,
            "is_of_dropout": is_own(name),
            "trials": counts[name],
        }
        for name in sorted(names, key=lambda name: -found[name][0])[:_MOST_PARAMS]
    ]
    name = f"{results.definition.name}: importance of params"
    return Plot(name, _text(rows, len(trials)), rows, _picture(rows, f"{name} (PED-ANOVA)"))


def _searched(trial: TrialRow) -> list[str]:
    return [
        name
        for name, each in trial.distributions.items()
        if not each.single() and name in trial.params
    ]


def _apart(trials: Sequence[TrialRow], name: str, *, maximize: bool) -> list[float]:
    """How far the best fifth lies from all along a param, and what 19 shuffles give."""
    own = [trial for trial in trials if name in _searched(trial)]
    classes = _classes([_place(trial, name) for trial in own])
    values = np.array([trial.value for trial in own], float)
    order = np.argsort(-values if maximize else values, kind="stable")
    generator = np.random.default_rng(0)
    shuffled = (generator.permutation(order) for _ in range(_SHUFFLES))
    n_best = math.ceil(_QUANTILE * len(own))
    return [_divergence(classes, each[:n_best]) for each in (order, *shuffled)]


def _place(trial: TrialRow, name: str) -> float:
    """Where a trial lies in the range, or among the choices, that its param was drawn from."""
    return _scale(trial.distributions[name]).of(trial.params[name])


@lru_cache(maxsize=1024)
def _scale(distribution: BaseDistribution) -> Scale:
    return scale_of(axis_of(distribution))


def _classes(places: Sequence[float]) -> NDArray[np.int64]:
    """The class of each: its value where these are few, else one of five of as many trials."""
    found, classes = np.unique(places, return_inverse=True)
    if len(found) <= _BINS:
        return classes
    edges: Floats = np.quantile(places, np.linspace(0, 1, _BINS + 1)[1:-1])
    return np.searchsorted(edges, places)


def _divergence(classes: NDArray[np.int64], best: NDArray[np.int64]) -> float:
    """Pearson's, of the shares of the best in each class from those of all."""
    n = np.bincount(classes)
    shares = n / n.sum()
    among_best = np.bincount(classes[best], minlength=len(n)) / len(best)
    kept = n > 0
    return float(np.sum((among_best[kept] - shares[kept]) ** 2 / shares[kept]))


def _text(rows: Sequence[Row], n: int) -> str:
    shares = [f"{row['param']} {row['importance']:.2f} ({row['chance']:.2f})" for row in rows]
    return (
        f"Share of each param in whether a trial is in the best fifth of {n} complete trials, in"
        f" brackets what chance gives: {', '.join(shares)}. One seed a trial."
    )


def _picture(rows: Sequence[Row], title: str) -> Picture:
    """Params of the dropout in blue, those of the network in grey."""
    heights = {row["param"]: y for y, row in enumerate(reversed(rows))}
    marks: list[Mark] = []
    for is_dropout, color, label in ((True, BLUE, "of dropout"), (False, GREY, "of the network")):
        for is_clear, note in ((True, ""), (False, ", may be chance")):
            found = [
                row
                for row in rows
                if row["is_of_dropout"] == is_dropout
                and (row["importance"] > row["chance"]) == is_clear
            ]
            if found:
                places = [heights[row["param"]] for row in found]
                shares = [row["importance"] for row in found]
                marks.append(
                    Bars(
                        label + note,
                        places,
                        shares,
                        color=color,
                        fill="solid" if is_clear else "none",
                    )
                )
    chance = [min(1.0, row["chance"]) for row in rows]
    places = [heights[row["param"]] for row in rows]
    marks.append(Points("most by chance", chance, places, BLACK, "tick", size=3.0, on_top=True))
    most = max(*chance, *(row["importance"] for row in rows))
    x = Axis("Share in whether a trial is in the best fifth", (0.0, 1.05 * most), unit="%")
    names = named([f"{_shortened(row['param'])} (n={row['trials']})" for row in rows])
    return Picture(title, [Block([Panel(marks, x)], names, 0.3 + 0.16 * len(rows))])


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
