"""Trials of Optuna -> rows: of a trial, of the best of each variant."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from tuner.storage.columns import last_rates, length
from tuner.study import attrs
from tuner.study.curves.points import drops_nothing
from tuner.study.definition import StudyDefinition
from tuner.study.results import TrialRow, VariantRow, best_of


def trial_row(trial: FrozenTrial, definition: StudyDefinition) -> TrialRow:
    """The row of a trial, as far as it is."""
    stored, metric = trial.user_attrs, str(definition.metric)
    last = trial.last_step
    complete = trial.state == optuna.trial.TrialState.COMPLETE
    return TrialRow(
        number=trial.number,
        state=trial.state.name,
        value=trial.value if complete else None,
        last_value=None if last is None else trial.intermediate_values[last],
        params=attrs.PARAMS.of(stored),
        train_value=attrs.train_value(metric).of(stored) if complete else None,
        n_epochs=n_epochs(stored, last, definition),
        seconds=attrs.SECONDS.of(stored),
        role=attrs.ROLE.of(stored),
        error=attrs.ERROR.of(stored),
        seed=attrs.SEED.of(stored),
        n_weights=attrs.N_WEIGHTS.of(stored),
        worker=attrs.WORKER.of(stored),
        attempts=attrs.ATTEMPTS.of(stored),
        started=trial.datetime_start,
        completed=trial.datetime_complete,
        measured=_measured(stored),
        distributions={_label(name): each for name, each in trial.distributions.items()},
    )


def n_epochs(stored: Mapping[str, Any], last: int | None, definition: StudyDefinition) -> int:
    """How many it was trained, in all its folds; of a fold that is not finished none."""
    reported = (last or 0) * definition.step_epochs
    whole = length(attrs.HISTORY.of(stored) or {}, "val_loss")
    return reported if whole is None or definition.search.folds != 1 else whole


@functools.cache
def _label(name: str) -> str:
    """What stands among the params for a name of Optuna: rates of variants have the same."""
    _, _, own = name.partition(".")
    is_rate = own in ("rate", "input_rate") or own.startswith("rate.")
    return own if is_rate else name


def _measured(stored: Mapping[str, Any]) -> dict[str, float]:
    """The rates after the last epoch, where the variant learns them, and what it recorded."""
    return last_rates(attrs.HISTORY.of(stored) or {}) | dict(attrs.MEASURED.of(stored) or {})


@dataclass
class Group:
    """The finished trials of a variant: how many, how many of them complete, the best of these."""

    n: int = 0
    n_complete: int = 0
    best: TrialRow | None = None


def by_variant(trials: tuple[TrialRow, ...], *, maximize: bool) -> dict[str, Group]:
    """The trials that are finished, of each variant."""
    rows: dict[str, list[TrialRow]] = {}
    for trial in trials:
        if trial.is_finished:
            rows.setdefault(trial.variant, []).append(trial)
    return {
        name: Group(
            len(group),
            sum(trial.state == "COMPLETE" for trial in group),
            best_of(tuple(group), maximize=maximize),
        )
        for name, group in rows.items()
    }


def variant_rows(groups: Mapping[str, Group], *, maximize: bool) -> tuple[VariantRow, ...]:
    """A row of each variant, the best first."""
    none = groups["none"].best if "none" in groups else None
    sign = 1 if maximize else -1

    def gain(best: TrialRow | None) -> float | None:
        if best is None or none is None or best.value is None or none.value is None:
            return None
        if best.variant != "none" and drops_nothing(best.params):
            return None
        return sign * (best.value - none.value)

    rows = [
        VariantRow(name, group.n, group.n_complete, group.best, gain(group.best))
        for name, group in groups.items()
    ]

    def rank(row: VariantRow) -> tuple[bool, float, float]:
        """As `best_of` ranks: of equal values the one that ran first; those tried enough first."""
        if row.best is None or row.best.value is None:
            return (True, math.inf, math.inf)
        return (not row.is_ranked, -sign * row.best.value, row.best.number)

    return tuple(sorted(rows, key=rank))
