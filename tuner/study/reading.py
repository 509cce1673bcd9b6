"""Study -> Results: everything about a study, from the store."""

import functools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import optuna
from optuna.trial import FrozenTrial, TrialState

from tuner.schema import Axis
from tuner.storage.columns import last_rates, length
from tuner.storage.optuna_objects import StoredStudy, WorkerStudy
from tuner.storage.outline import Outline, outlines, sampled
from tuner.storage.tally import Tally, best_of_each
from tuner.storage.trials import uncollected
from tuner.storage.worker_storage import WorkerStorage
from tuner.study import attrs
from tuner.study.curves.points import drops_nothing
from tuner.study.definition import StudyDefinition
from tuner.study.distributions import axis_of
from tuner.study.results import NO_VARIANT, Results, TrialRow, VariantRow, best_of
from tuner.study.studies import definition_of
from tuner.study.trial_queue import Counts, count

_OUTLINED = [
    key.name for key in (attrs.PARAMS, attrs.SECONDS, attrs.ROLE, attrs.ERROR, attrs.HISTORY)
]


def read(study: optuna.Study, definition: StudyDefinition | None = None) -> Results:
    """Everything about a study, from the store; its definition too, unless it is given."""
    with uncollected():
        return _read(study, definition_of(study) if definition is None else definition)


def _read(study: optuna.Study, definition: StudyDefinition) -> Results:
    metric = str(definition.metric)
    direction, maximize = definition.better, definition.better == "maximize"
    frozen = study.get_trials(deepcopy=False)
    kept = study.kept if isinstance(study, StoredStudy) else {}
    trials = tuple(_kept_row(trial, definition, kept) for trial in frozen)
    best = best_of(trials, maximize=maximize)
    return Results(
        definition=definition,
        metric=metric,
        direction=direction,
        counts=Counts.of(Counter(trial.state for trial in frozen)),
        trials=trials,
        histories={trial.number: attrs.HISTORY.of(trial.user_attrs) or {} for trial in frozen},
        best=best,
        variants=_variant_rows(_groups(trials, maximize=maximize), maximize=maximize),
        attrs=_attrs(study),
        sampled=_sampled(frozen),
    )


def outline(study: optuna.Study) -> Results:
    """The same with what an answer is made of: quickly, also where trials are many.

    Of a trial it has no more than state, value, params, epochs, seconds, role, error and history.
    """
    if not isinstance(study, StoredStudy) or not isinstance(study.store, WorkerStorage):
        return read(study)
    if study.store.served is not None:  # it has whole trials to give
        return read(study)
    database, definition = study.store.database, definition_of(study)
    with uncollected():
        found = database.ask(outlines, study.id, _OUTLINED)
        axes = {name: axis_of(each) for name, each in database.ask(sampled, study.id).items()}
        return _outlined(study, definition, found, axes)


def _outlined(
    study: optuna.Study,
    definition: StudyDefinition,
    found: Sequence[Outline],
    axes: Mapping[str, Axis],
) -> Results:
    maximize = definition.better == "maximize"
    trials = tuple(_outline_row(each, definition) for each in found)
    return Results(
        definition=definition,
        metric=str(definition.metric),
        direction=definition.better,
        counts=Counts.of(Counter(each.state for each in found)),
        trials=trials,
        histories={each.number: attrs.HISTORY.of(each.attrs) or {} for each in found},
        best=best_of(trials, maximize=maximize),
        variants=_variant_rows(_groups(trials, maximize=maximize), maximize=maximize),
        attrs=_attrs(study),
        sampled=axes,
    )


def _outline_row(trial: Outline, definition: StudyDefinition) -> TrialRow:
    stored = trial.attrs
    return TrialRow(
        number=trial.number,
        state=trial.state.name,
        value=trial.value,
        last_value=None,
        params=attrs.PARAMS.of(stored),
        n_epochs=_n_epochs(stored, trial.last_step, definition),
        seconds=attrs.SECONDS.of(stored),
        role=attrs.ROLE.of(stored),
        error=attrs.ERROR.of(stored),
    )


def brief(study: WorkerStudy, found: Sequence[Tally]) -> Results:
    """The same without any but the best trial of each variant, from what was counted."""
    definition = definition_of(study)
    maximize = definition.better == "maximize"
    frozen = study.store.database.ask(best_of_each, study.id, maximize=maximize)
    bests = {row.variant: row for row in (_trial_row(each, definition) for each in frozen)}
    groups, states = dict[str, _Group](), Counter[TrialState]()
    for each in found:
        states[each.state] += each.n
        name, is_complete = each.variant or NO_VARIANT, each.state == TrialState.COMPLETE
        if is_complete or each.state == TrialState.PRUNED:
            group = groups.setdefault(name, _Group(best=bests.get(name)))
            group.n += each.n
            group.n_complete += is_complete * each.n
    trials = tuple(sorted(bests.values(), key=lambda row: row.number))
    return Results(
        definition=definition,
        metric=str(definition.metric),
        direction=definition.better,
        counts=Counts.of(states),
        trials=trials,
        histories={},
        best=best_of(trials, maximize=maximize),
        variants=_variant_rows(groups, maximize=maximize),
        attrs=_attrs(study),
    )


def ended(study: WorkerStudy, definition: StudyDefinition, number: int) -> Results:
    """The same with trial `number`, which this process has run, and the best so far alone.

    It is what there is to say of a trial that has just ended: others are counted, not read.
    """
    store, maximize = study.store, definition.better == "maximize"
    counts = count(study)
    frozen = [store.get_trial(study.trial_id(number))]
    if counts.complete:
        frozen.append(store.get_best_trial(study.id))
    rows = {each.number: _trial_row(each, definition) for each in frozen}
    trials = tuple(row for _, row in sorted(rows.items()))
    return Results(
        definition=definition,
        metric=str(definition.metric),
        direction=definition.better,
        counts=counts,
        trials=trials,
        histories={},
        best=best_of(trials, maximize=maximize),
        variants=(),
        attrs=_attrs(study),
    )


def _kept_row(
    trial: FrozenTrial, definition: StudyDefinition, kept: dict[int, tuple[FrozenTrial, Any]]
) -> TrialRow:
    """The row of a trial, made once of one that has ended."""
    known = kept.get(trial.number)
    if known is not None and known[0] is trial:
        return cast("TrialRow", known[1])
    row = _trial_row(trial, definition)
    if trial.state.is_finished():
        kept[trial.number] = (trial, row)
    return row


def _attrs(study: optuna.Study) -> dict[str, Any]:
    return {k: v for k, v in study.user_attrs.items() if k != attrs.DEFINITION.name}


def _trial_row(trial: FrozenTrial, definition: StudyDefinition) -> TrialRow:
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
        n_epochs=_n_epochs(stored, last, definition),
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


def _n_epochs(stored: Mapping[str, Any], last: int | None, definition: StudyDefinition) -> int:
    """How many it was trained, in all its folds; of a fold that is not finished none."""
    reported = (last or 0) * definition.step_epochs
    whole = length(attrs.HISTORY.of(stored) or {}, "val_loss")
    return reported if whole is None or definition.search.folds != 1 else whole


def _sampled(trials: Sequence[FrozenTrial]) -> dict[str, Axis]:
    found = {name: each for trial in trials for name, each in trial.distributions.items()}
    return {name: axis_of(distribution) for name, distribution in found.items()}


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
class _Group:
    """The finished trials of a variant: how many, how many of them complete, the best of these."""

    n: int = 0
    n_complete: int = 0
    best: TrialRow | None = None


def _groups(trials: tuple[TrialRow, ...], *, maximize: bool) -> dict[str, _Group]:
    rows: dict[str, list[TrialRow]] = {}
    for trial in trials:
        if trial.is_finished:
            rows.setdefault(trial.variant, []).append(trial)
    return {
        name: _Group(
            len(group),
            sum(trial.state == "COMPLETE" for trial in group),
            best_of(tuple(group), maximize=maximize),
        )
        for name, group in rows.items()
    }


def _variant_rows(groups: Mapping[str, _Group], *, maximize: bool) -> tuple[VariantRow, ...]:
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
