"""When searches have reached a value, as a table."""

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speed import performance

TEXT = (
    "`--jobs 1`, digits with the MLP, {}, {} seeds; each splits the data anew. Reached is a value"
    " at most {} points below the best validation accuracy (288 rows) that any of these searches"
    " ended a trial with on the same split. Epochs and seconds count from the start of the process"
    " through the trial that reaches it, pruned trials included: medians, least and most in"
    " brackets, over all seeds; one that never reaches it counts as later than all others, and in"
    " the mean, beside its standard error, as the whole budget. The least mean decides what `tuner"
    " search` has as default, however little it may differ from the next. KerasTuner has the same"
    " budget of epochs, and a trial of its brackets a value after its own last epoch."
)
ROUNDING = 1e-6
"""KerasTuner's accuracies are float32: one at the limit must not miss it."""

HEADER = ("search", "reached", "mean epochs", "epochs", "seconds", "best value", "total epochs")


@dataclass(frozen=True)
class Trial:
    """A trial that has ended: epochs trained, seconds since the start, value unless pruned."""

    epochs: int
    seconds: float
    value: float | None


@dataclass(frozen=True)
class Reached:
    """The epochs and seconds that a search took; infinite where it never got there."""

    epochs: float = math.inf
    seconds: float = math.inf


def reach(trials: Sequence[Trial], goal: float) -> Reached:
    """What a search spent through its first trial that has `goal` or more."""
    spent = itertools.accumulate(trial.epochs for trial in trials)
    for trial, epochs in zip(trials, spent, strict=True):
        if trial.value is not None and trial.value >= goal:
            return Reached(epochs, trial.seconds)
    return Reached()


def best_of(trials: Sequence[Trial]) -> float:
    """The best value of a search."""
    return max((trial.value for trial in trials if trial.value is not None), default=-math.inf)


def table(
    found: Mapping[str, Sequence[Sequence[Trial]]], within: float, n_trials: int, n_epochs: int
) -> str:
    """A line for every search of trials of so many epochs, from its trials with each seed."""
    budget = n_trials * n_epochs
    goals = [
        max(map(best_of, of_one_seed)) - within / 100 - ROUNDING
        for of_one_seed in zip(*found.values(), strict=True)
    ]
    lines = []
    for name, seeds in found.items():
        reached = [reach(trials, goal) for trials, goal in zip(seeds, goals, strict=True)]
        n_reached = sum(math.isfinite(each.epochs) for each in reached)
        totals = [sum(trial.epochs for trial in trials) for trials in seeds]
        lines.append(
            (
                name,
                f"{n_reached} of {len(seeds)}",
                _mean([min(each.epochs, budget) for each in reached]),
                _spread([each.epochs for each in reached]),
                _spread([each.seconds for each in reached]),
                performance.spread([best_of(trials) for trials in seeds], digits=4),
                _spread(totals),
            )
        )
    n_seeds = len(next(iter(found.values())))
    text = TEXT.format(f"{n_trials} trials of {n_epochs} epochs", n_seeds, within)
    return performance.section("Efficiency", text, HEADER, lines)


def _mean(values: Sequence[float]) -> str:
    """The mean and its standard error, where there are several values."""
    mean = f"{statistics.fmean(values):.0f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(values) / math.sqrt(len(values)):.0f}"


def _spread(values: Sequence[float]) -> str:
    # Of an even number one in the middle, so that never and a number have no mean.
    shown = (
        f"{value:.0f}" if math.isfinite(value) else "never"
        for value in (statistics.median_high(values), min(values), max(values))
    )
    return "{} [{}, {}]".format(*shown)
