"""Study -> Results: everything about a study, from the store."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import optuna
from optuna.trial import FrozenTrial, TrialState

from tuner.schema import Axis
from tuner.storage.optuna_objects import StoredStudy, WorkerStudy
from tuner.storage.outline import Outline, outlines, sampled
from tuner.storage.tally import Tally, best_of_each
from tuner.storage.trials import uncollected
from tuner.storage.worker_storage import WorkerStorage
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.distributions import axis_of
from tuner.study.epochs import History
from tuner.study.results import NO_VARIANT, Results, TrialRow
from tuner.study.rows import Group, by_variant, n_epochs, trial_row, variant_rows
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
    frozen = study.get_trials(deepcopy=False)
    trials, maximize = _kept_rows(study, definition, frozen), definition.better == "maximize"
    return Results(
        definition,
        Counts.of(Counter(trial.state for trial in frozen)),
        trials,
        {trial.number: attrs.HISTORY.of(trial.user_attrs) or {} for trial in frozen},
        variant_rows(by_variant(trials, maximize=maximize), maximize=maximize),
        _attrs(study),
        _sampled(frozen),
    )


def to_learn(study: optuna.Study, definition: StudyDefinition) -> Results:
    """The same without variants: quickly, as each trial that is proposed needs it."""
    with uncollected():
        frozen = study.get_trials(deepcopy=False)
        counts = Counts.of(Counter(trial.state for trial in frozen))
        trials, histories = _kept_rows(study, definition, frozen), _Histories(_kept(study))
        return Results(definition, counts, trials, histories, (), _attrs(study), _sampled(frozen))


class _Histories(Mapping[int, History]):
    """Those of the trials that have ended, by number, each looked for where it is asked for."""

    def __init__(self, kept: Mapping[int, tuple[FrozenTrial, Any]]) -> None:
        self._kept = kept

    def __getitem__(self, number: int) -> History:
        trial, _ = self._kept[number]
        return attrs.HISTORY.of(trial.user_attrs) or {}

    def __iter__(self) -> Iterator[int]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


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
        trials = tuple(_outline_row(each, definition) for each in found)
        maximize = definition.better == "maximize"
        return Results(
            definition,
            Counts.of(Counter(each.state for each in found)),
            trials,
            {each.number: attrs.HISTORY.of(each.attrs) or {} for each in found},
            variant_rows(by_variant(trials, maximize=maximize), maximize=maximize),
            _attrs(study),
            axes,
        )


def _outline_row(trial: Outline, definition: StudyDefinition) -> TrialRow:
    stored = trial.attrs
    return TrialRow(
        number=trial.number,
        state=trial.state.name,
        value=trial.value,
        last_value=None,
        params=attrs.PARAMS.of(stored),
        n_epochs=n_epochs(stored, trial.last_step, definition),
        seconds=attrs.SECONDS.of(stored),
        role=attrs.ROLE.of(stored),
        error=attrs.ERROR.of(stored),
    )


def brief(study: WorkerStudy, found: Sequence[Tally]) -> Results:
    """The same without any but the best trial of each variant, from what was counted."""
    definition = definition_of(study)
    maximize = definition.better == "maximize"
    frozen = study.store.database.ask(best_of_each, study.id, maximize=maximize)
    bests = {row.variant: row for row in (trial_row(each, definition) for each in frozen)}
    groups, states = dict[str, Group](), Counter[TrialState]()
    for each in found:
        states[each.state] += each.n
        name, is_complete = each.variant or NO_VARIANT, each.state == TrialState.COMPLETE
        if is_complete or each.state == TrialState.PRUNED:
            group = groups.setdefault(name, Group(best=bests.get(name)))
            group.n += each.n
            group.n_complete += is_complete * each.n
    trials = tuple(sorted(bests.values(), key=lambda row: row.number))
    variants = variant_rows(groups, maximize=maximize)
    return Results(definition, Counts.of(states), trials, {}, variants, _attrs(study))


def ended(study: WorkerStudy, definition: StudyDefinition, number: int) -> Results:
    """The same with trial `number`, which this process has run, and the best so far alone.

    It is what there is to say of a trial that has just ended: others are counted, not read.
    """
    store, counts = study.store, count(study)
    frozen = [store.get_trial(study.trial_id(number))]
    if counts.complete:
        frozen.append(store.get_best_trial(study.id))
    rows = {each.number: trial_row(each, definition) for each in frozen}
    trials = tuple(row for _, row in sorted(rows.items()))
    return Results(definition, counts, trials, {}, (), _attrs(study))


def _kept(study: optuna.Study) -> dict[int, tuple[FrozenTrial, Any]]:
    return study.kept if isinstance(study, StoredStudy) else {}


def _kept_rows(
    study: optuna.Study, definition: StudyDefinition, frozen: Sequence[FrozenTrial]
) -> tuple[TrialRow, ...]:
    kept = _kept(study)
    return tuple(_kept_row(trial, definition, kept) for trial in frozen)


def _kept_row(
    trial: FrozenTrial, definition: StudyDefinition, kept: dict[int, tuple[FrozenTrial, Any]]
) -> TrialRow:
    """The row of a trial, made once of one that has ended."""
    known = kept.get(trial.number)
    if known is not None and known[0] is trial:
        return cast("TrialRow", known[1])
    row = trial_row(trial, definition)
    if trial.state.is_finished():
        kept[trial.number] = (trial, row)
    return row


def _attrs(study: optuna.Study) -> dict[str, Any]:
    return {k: v for k, v in study.user_attrs.items() if k != attrs.DEFINITION.name}


def _sampled(trials: Sequence[FrozenTrial]) -> dict[str, Axis]:
    found = {name: each for trial in trials for name, each in trial.distributions.items()}
    return {name: axis_of(distribution) for name, distribution in found.items()}
