"""What is known of a study, as tidy frozen rows: per trial, per variant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from optuna.distributions import BaseDistribution

from tuner.schema import Axis, Params
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.epochs import EpochRow, History, epoch_rows
from tuner.study.sampling_error import sampling_error
from tuner.study.trial_queue import Counts
from tuner.training.naming import SHARES

FEWEST_TRIALS = 3
"""Complete trials of a variant from which it can be ranked."""

NO_VARIANT = "?"
_FINISHED = ("COMPLETE", "PRUNED")
_OPEN = ("WAITING", "RUNNING")


@dataclass(frozen=True)
class TrialRow:
    """One trial. `value` is the metric on the validation part after the last epoch.

    `train_value` is measured without noise after training; a pruned trial has neither, but
    `last_value`, the last one reported. `measured` is what its variant keeps: the rates it learned
    (`rate_0`, ... by place), the mean rate of a schedule, the uncertainty of a prediction.
    `attempts` came to nothing, as their worker died. `distributions` are what params were sampled
    from.
    """

    number: int
    state: str
    value: float | None
    last_value: float | None
    params: Params
    train_value: float | None = None
    n_epochs: int = 0
    seconds: float | None = None
    role: str | None = None
    error: str | None = None
    seed: int | None = None
    n_weights: int | None = None
    worker: str | None = None
    attempts: int = 0
    started: datetime | None = None
    completed: datetime | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    distributions: Mapping[str, BaseDistribution] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        """The variant, or "?" for a trial that has not chosen one."""
        return str(self.params.get("variant", NO_VARIANT))

    @property
    def rate(self) -> float | None:
        """The probability of dropping; None without a variant, 0 without dropout."""
        return float(self.params["rate"]) if "rate" in self.params else None

    @property
    def learned_rates(self) -> list[float]:
        """The rate that each dropout place has learned, in order; empty where none learns."""
        return [rate for name, rate in self.measured.items() if name.startswith("rate_")]

    @property
    def is_finished(self) -> bool:
        """Whether it counts for the budget: it is complete, or pruned."""
        return self.state in _FINISHED

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs; of the others, some have failed."""
        return self.state in _OPEN

    @property
    def gap(self) -> float | None:
        """Train minus validation metric, without noise."""
        if self.value is None or self.train_value is None:
            return None
        return self.train_value - self.value


@dataclass(frozen=True)
class VariantRow:
    """The best trial of a variant, and by how much it beats the best without dropout.

    No `gain` where it is that network itself: a variant at a rate of 0.
    """

    variant: str
    n: int
    n_complete: int
    best: TrialRow | None
    gain: float | None

    @property
    def is_ranked(self) -> bool:
        """Whether enough trials are complete to say how good it is; the others come last."""
        return self.n_complete >= FEWEST_TRIALS


@dataclass(frozen=True, eq=False)
class Results:
    """All that is known of a study; `sampled` are the axes that its trials were drawn from.

    Each reading of the store is one of its own.
    """

    definition: StudyDefinition
    counts: Counts
    trials: tuple[TrialRow, ...]
    histories: Mapping[int, History]
    variants: tuple[VariantRow, ...]
    attrs: Mapping[str, Any]
    sampled: Mapping[str, Axis] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """What trials are judged by."""
        return str(self.definition.metric)

    @property
    def direction(self) -> str:
        """Which way it is better: "maximize" or "minimize"."""
        return self.definition.better

    @cached_property
    def best(self) -> TrialRow | None:
        """The complete trial of the best value; None as long as there is none."""
        return best_of(self.trials, maximize=self.maximize)

    @property
    def is_share(self) -> bool:
        """Whether the metric is the share of the rows that are right: binomial, as rows are."""
        task = self.definition.task
        return self.metric in SHARES and task in (None, "classification")

    @property
    def maximize(self) -> bool:
        """Whether a larger value is better."""
        return self.direction == "maximize"

    @property
    def fixed(self) -> frozenset[str]:
        """The params that have one value in all trials of a variant."""
        return frozenset(attrs.FIXED_PARAMS.of(self.attrs))

    @property
    def budget(self) -> int:
        """How many trials it is to have in the end."""
        stored = attrs.BUDGET.of(self.attrs)
        return self.definition.search.trials if stored is None else stored

    @cached_property
    def epochs(self) -> tuple[EpochRow, ...]:
        """The epochs of all trials; there are many, so they become rows where they are needed."""
        return tuple(row for number in self.histories for row in self.epochs_of(number))

    def epochs_of(self, number: int) -> list[EpochRow]:
        """The epochs of one trial, in order."""
        return epoch_rows(number, self.histories.get(number, {}), self.metric)


def best_of(trials: tuple[TrialRow, ...], *, maximize: bool) -> TrialRow | None:
    """The complete trial of the best value; of equals the one that ran first."""
    complete = [trial for trial in trials if trial.value is not None]
    sign = -1 if maximize else 1
    return min(complete, key=lambda t: (sign * (t.value or 0), t.number), default=None)


def error_of_best(results: Results) -> float | None:
    """One standard error of the best accuracy, from the size of the validation part."""
    n = attrs.N_VALIDATION.of(results.attrs)
    if not results.is_share or results.best is None or not n:
        return None
    return sampling_error(results.best.value or 0.0, n)
