"""Which params decide whether a trial is among the best."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import optuna
from matplotlib.figure import Figure
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import create_trial

from tuner.plots._drawing import legend_below, panels, title
from tuner.plots.picture import BLUE, ORANGE
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

_LEAST_TRIALS = 20
_LEAST_OF_PARAM = 20
_SHUFFLES = 19
"""The largest of 19 shuffles is exceeded by chance in one of 20 studies."""

_MOST_PARAMS = 12
_LONGEST = 24
_QUANTILE = 0.2


def importance(results: Results, _finals: Results | None = None) -> Plot:
    """The importance of each param for a value in the best fifth, beside what chance gives.

    PED-ANOVA (Watanabe et al. 2023) compares where the best fifth of the complete trials and all of
    them lie: ranks count, so that no diverged trial matters. A param that only some trials have is
    judged on those, each range of a rate by itself (Conditional PED-ANOVA, Optuna 5). Chance is the
    most that any of 19 shuffles of the values gives.
    """
    trials = [t for t in results.trials if t.value is not None and np.isfinite(t.value)]
    counts = Counter(name for trial in trials for name in _searched(trial))
    names = [name for name, n in counts.items() if n >= _LEAST_OF_PARAM]
    if len(trials) < _LEAST_TRIALS or len(names) < 2:
        raise NotEnoughDataError(
            f"needs {_LEAST_TRIALS} complete trials and two params of {_LEAST_OF_PARAM} each"
        )
    found, *shuffled = _importances(trials, names, maximize=results.maximize)
    rows: list[Row] = [
        {
            "param": name,
            "importance": found[name],
            "chance": max(each[name] for each in shuffled),
            "trials": counts[name],
        }
        for name in sorted(names, key=lambda name: -found[name])[:_MOST_PARAMS]
    ]
    name = f"{results.definition.name}: importance of params"
    return Plot(name, _text(rows, len(trials)), rows, lambda: _draw(rows, name))


def _searched(trial: TrialRow) -> list[str]:
    return [name for name, each in trial.distributions.items() if not each.single()]


def _importances(
    trials: Sequence[TrialRow], names: Sequence[str], *, maximize: bool
) -> Iterator[Mapping[str, float]]:
    """The importances, and those of shuffled values; each sums to 1 at most."""
    study = optuna.create_study()
    losses = np.asarray([-t.value if maximize else t.value for t in trials])  # type: ignore[operator]
    study.add_trials([_frozen(trial, names) for trial in trials])
    generator = np.random.default_rng(0)
    total = None
    for shuffle in range(1 + _SHUFFLES):
        values = losses if shuffle == 0 else generator.permutation(losses)
        found = _evaluate(study, names, dict(enumerate(values)))
        total = total or sum(found.values()) or 1.0
        yield {name: value / total for name, value in found.items()}


def _evaluate(
    study: optuna.Study, names: Sequence[str], losses: Mapping[int, float]
) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that a smaller target is better, and small groups
        return PedAnovaImportanceEvaluator(target_quantile=_QUANTILE).evaluate(
            study, list(names), target=lambda trial: losses[trial.number]
        )


def _frozen(trial: TrialRow, names: Sequence[str]) -> optuna.trial.FrozenTrial:
    distributions = {
        name: each
        for name, each in trial.distributions.items()
        if name in names and name in trial.params
    }
    params = {name: trial.params[name] for name in distributions}
    return create_trial(value=0.0, params=params, distributions=distributions)


def _text(rows: Sequence[Row], n: int) -> str:
    shares = [f"{row['param']} {row['importance']:.2f} ({row['chance']:.2f})" for row in rows]
    return (
        f"Share of each param in whether a trial is in the best fifth of {n} complete trials, in"
        f" brackets what chance gives: {', '.join(shares)}. One seed a trial."
    )


def _draw(rows: Sequence[Row], text: str) -> Figure:
    figure, (axes,), _ = panels(1, 1, 0.3 + 0.18 * len(rows))
    heights = list(range(len(rows)))[::-1]
    clear = [row["importance"] > row["chance"] for row in rows]
    for y, row, is_clear in zip(heights, rows, clear, strict=True):
        label, face = ("more than chance", BLUE) if is_clear else ("no more than chance", "white")
        axes.barh(y, row["importance"], 0.6, label=label, linewidth=0.8, color=face, edgecolor=BLUE)
        axes.plot(
            [min(1.0, row["chance"])] * 2, [y - 0.4, y + 0.4], color=ORANGE, label="most by chance"
        )
    names = [f"{_shortened(row['param'])} (n={row['trials']})" for row in rows]
    axes.set_yticks(heights, names)
    axes.set_xlim(left=0)
    axes.set_xlabel("Importance for the best fifth (share)")
    title(figure, f"{text} (PED-ANOVA)")
    legend_below(figure)
    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
