"""Study -> tidy frozen rows: per trial, per epoch, per variant."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import repeat
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from tuner.axes import axis_of
from tuner.definition import METRICS, StudyDefinition
from tuner.queue import Counts, count
from tuner.space import Axis, Scalar
from tuner.study import definition_of

Params = Mapping[str, Scalar]
History = Mapping[str, list[float]]


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
        return str(self.params.get("variant", "?"))

    @property
    def rate(self) -> float | None:
        """The probability of dropping; None without a variant, 0 without dropout."""
        return float(self.params["rate"]) if "rate" in self.params else None

    @property
    def learned_rates(self) -> list[float]:
        """The rate that each dropout place has learned, in order; empty where none learns."""
        return [rate for name, rate in self.measured.items() if name.startswith("rate_")]

    @property
    def gap(self) -> float | None:
        """Train minus validation metric, without noise."""
        if self.value is None or self.train_value is None:
            return None
        return self.train_value - self.value


@dataclass(frozen=True)
class EpochRow:
    """One epoch of one trial; the train values are those of the noisy model.

    `rates` are those that the places have learned by then, in order.
    """

    trial: int
    epoch: int
    train_loss: float
    val_loss: float
    train_value: float
    val_value: float
    rates: tuple[float, ...] = ()


@dataclass(frozen=True)
class VariantRow:
    """The best trial of a variant, and by how much it beats the best without dropout."""

    variant: str
    n: int
    n_complete: int
    best: TrialRow | None
    gain: float | None


@dataclass(frozen=True)
class Results:
    """All that is known of a study; `sampled` are the axes that its trials were drawn from."""

    definition: StudyDefinition
    metric: str
    direction: str
    counts: Counts
    trials: tuple[TrialRow, ...]
    histories: Mapping[int, History]
    best: TrialRow | None
    variants: tuple[VariantRow, ...]
    attrs: Mapping[str, Any]
    sampled: Mapping[str, Axis] = field(default_factory=dict)

    @property
    def maximize(self) -> bool:
        """Whether a larger value is better."""
        return self.direction == "maximize"

    @property
    def fixed(self) -> frozenset[str]:
        """The params that have one value in all trials of a variant."""
        return frozenset(self.attrs.get("fixed", ()))

    @cached_property
    def epochs(self) -> tuple[EpochRow, ...]:
        """The epochs of all trials; there are many, so they become rows where they are needed."""
        return tuple(row for number in self.histories for row in self.epochs_of(number))

    def epochs_of(self, number: int) -> list[EpochRow]:
        """The epochs of one trial, in order."""
        return _epoch_rows(number, self.histories.get(number, {}), self.metric)


def read(study: optuna.Study) -> Results:
    """Everything about a study, from the store."""
    definition = definition_of(study)
    metric = str(definition.metric)
    direction = METRICS[metric].direction
    frozen = study.get_trials(deepcopy=False)
    trials = tuple(_trial_row(trial, metric) for trial in frozen)
    best = best_of(trials, maximize=direction == "maximize")
    return Results(
        definition=definition,
        metric=metric,
        direction=direction,
        counts=count(study),
        trials=trials,
        histories={trial.number: trial.user_attrs.get("history") or {} for trial in frozen},
        best=best,
        variants=_variant_rows(trials, maximize=direction == "maximize"),
        attrs={k: v for k, v in study.user_attrs.items() if k != "definition"},
        sampled=_sampled(frozen),
    )


def best_of(trials: tuple[TrialRow, ...], *, maximize: bool) -> TrialRow | None:
    """The complete trial of the best value; of equals the one that ran first."""
    complete = [trial for trial in trials if trial.value is not None]
    sign = -1 if maximize else 1
    return min(complete, key=lambda t: (sign * (t.value or 0), t.number), default=None)


def sampling_error(results: Results) -> float | None:
    """One standard error of the best accuracy, from the size of the validation part."""
    n = results.attrs.get("n_validation")
    if results.metric != "accuracy" or results.best is None or not n:
        return None
    value = results.best.value or 0.0
    return math.sqrt(max(value * (1 - value), 1 / n**2) / n)


def _sampled(trials: Sequence[FrozenTrial]) -> dict[str, Axis]:
    found = {name: each for trial in trials for name, each in trial.distributions.items()}
    return {name: axis_of(distribution) for name, distribution in found.items()}


def _trial_row(trial: FrozenTrial, metric: str) -> TrialRow:
    attrs = trial.user_attrs
    last = trial.last_step
    complete = trial.state == optuna.trial.TrialState.COMPLETE
    return TrialRow(
        number=trial.number,
        state=trial.state.name,
        value=trial.value if complete else None,
        last_value=None if last is None else trial.intermediate_values[last],
        params=attrs.get("params", {}),
        train_value=attrs.get(f"train_{metric}") if complete else None,
        n_epochs=len(attrs.get("history", {}).get("val_loss", ())) or (last or 0),
        seconds=attrs.get("seconds"),
        role=attrs.get("role"),
        error=attrs.get("error"),
        seed=attrs.get("seed"),
        n_weights=attrs.get("n_weights"),
        worker=attrs.get("worker"),
        attempts=attrs.get("attempts", 0),
        started=trial.datetime_start,
        completed=trial.datetime_complete,
        measured=_measured(attrs),
        distributions={_label(name): each for name, each in trial.distributions.items()},
    )


def _label(name: str) -> str:
    """What stands among the params for a name of Optuna: rates of variants have the same."""
    _, _, own = name.partition(".")
    is_rate = own in ("rate", "input_rate") or own.startswith("rate.")
    return own if is_rate else name


def _measured(attrs: Mapping[str, Any]) -> dict[str, float]:
    """The rates after the last epoch, where the variant learns them, and what it recorded."""
    history = attrs.get("history") or {}
    rates = {k: v[-1] for k, v in history.items() if k.startswith("rate_") and v}
    return rates | (attrs.get("measured") or {})


def _epoch_rows(number: int, history: History, metric: str) -> list[EpochRow]:
    columns = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
    if not all(name in history for name in columns):
        return []
    values = zip(*(history[name] for name in columns), strict=True)
    places = [history[name] for name in history if name.startswith("rate_")]
    rates = zip(*places, strict=True) if places else repeat(())
    return [
        EpochRow(number, epoch, train_loss, val_loss, train_value, val_value, learned)
        for epoch, ((train_loss, val_loss, train_value, val_value), learned) in enumerate(
            zip(values, rates, strict=False), start=1
        )
    ]


def _variant_rows(trials: tuple[TrialRow, ...], *, maximize: bool) -> tuple[VariantRow, ...]:
    groups: dict[str, list[TrialRow]] = {}
    for trial in trials:
        if trial.state in ("COMPLETE", "PRUNED"):
            groups.setdefault(trial.variant, []).append(trial)
    bests = {name: best_of(tuple(rows), maximize=maximize) for name, rows in groups.items()}
    none = bests.get("none")
    sign = 1 if maximize else -1

    def gain(best: TrialRow | None) -> float | None:
        if best is None or none is None or best.value is None or none.value is None:
            return None
        return sign * (best.value - none.value)

    rows = [
        VariantRow(
            variant=name,
            n=len(group),
            n_complete=sum(trial.state == "COMPLETE" for trial in group),
            best=bests[name],
            gain=gain(bests[name]),
        )
        for name, group in groups.items()
    ]

    def rank(row: VariantRow) -> tuple[float, float]:
        """As `best_of` ranks: of equal values the one that ran first comes first."""
        if row.best is None or row.best.value is None:
            return (math.inf, math.inf)
        return (-sign * row.best.value, row.best.number)

    return tuple(sorted(rows, key=rank))
