"""What a trial trains: as it was queued, or what the sampler proposes that no other has had."""

from collections.abc import Callable, Mapping, Sequence

import optuna
from optuna.distributions import FloatDistribution
from optuna.samplers import PartialFixedSampler
from optuna.trial import FrozenTrial, TrialState, create_trial
from pydantic import TypeAdapter

from tuner import importer
from tuner.schema import Scalar
from tuner.storage.optuna_objects import (
    StoredStudy,
    WorkerStudy,
    begun_anew,
    proposed_there,
    sampling,
    study_of,
    worker_storage_of,
)
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.reading import to_learn
from tuner.study.results import Results
from tuner.study.samplers import make_sampler, trial_seed
from tuner.study.search_space import SearchSpace

_LEARNING = ("tpe", "gp", "nsgaii")
_SPACE = TypeAdapter(SearchSpace)
_OF_PARAMS = ("tpe", "gp")
"""Of these all that they look at are params and values; NSGA-II keeps generations in attributes."""

_DRAWS = 10
_NAME = "drawing anew"
_CURVES = "tuner.study.curves.proposing:next_trial"
Next = Callable[[Results, SearchSpace, int, int], Mapping[str, Scalar] | None]


def propose(
    trial: optuna.Trial, space: SearchSpace, definition: StudyDefinition
) -> dict[str, Scalar]:
    """The params of a trial; those of a trial that was handed back are kept.

    A sampler that learns stays where values are high: where nothing is left to tune, as without
    dropout, it would propose the same over and over. What another trial has had already is drawn
    anew, by such a sampler to which trials with nothing continuous to tune have lost; of ten draws
    the first that is new is taken. If none is, as in a space that is used up, the proposal stands.
    """
    is_open = not trial.params and not attrs.ROLE.is_in(trial.user_attrs)
    if is_open and (there := proposed_there(trial, lambda: _SPACE.dump_json(space))):
        return space.suggest(there)
    if is_open and definition.search.sampler == "curves":
        return _by_curves(trial, space, definition)
    store, study = worker_storage_of(trial), study_of(trial)
    if not is_open or store is None or definition.search.sampler not in _LEARNING:
        return space.suggest(trial)
    if definition.search.sampler not in _OF_PARAMS:
        return _new(trial, space, definition, study.get_trials(deepcopy=False))
    with sampling(trial, store) as others:
        return _new(trial, space, definition, others)


def read_to_learn(study: WorkerStudy, definition: StudyDefinition) -> None:
    """Have this process read no more of a long study than its sampler learns from.

    NSGA-II needs all: its generations are in the attributes of the trials.
    """
    if definition.search.sampler != "nsgaii":
        study.store.read_few(study.id)


def _new(
    trial: optuna.Trial,
    space: SearchSpace,
    definition: StudyDefinition,
    others: Sequence[FrozenTrial],
) -> dict[str, Scalar]:
    """What the sampler proposes, or what it would have proposed that no other trial has had."""
    params = space.suggest(trial)
    tried = [each.params for each in others if _is_tried(each, trial)]
    if trial.params not in tried:
        return params
    store, study = worker_storage_of(trial), study_of(trial)
    known = [each for each in study.get_trials(deepcopy=False) if _is_tried(each, trial)]
    dry = _dry(study, known, make_sampler(definition, trial.number))
    for _ in range(_DRAWS):
        drawn = dry.ask()
        space.suggest(drawn)
        if drawn.params not in tried:
            if store is not None:
                store.redraw()
            study.sampler = PartialFixedSampler(drawn.params, study.sampler)
            return space.suggest(begun_anew(trial))
    return params


def _by_curves(
    trial: optuna.Trial, space: SearchSpace, definition: StudyDefinition
) -> dict[str, Scalar]:
    """What the model of all trials would try next; a random point as long as none is complete."""
    study = study_of(trial)
    next_of: Next = importer.load(_CURVES)
    named = next_of(
        to_learn(study, definition),
        space,
        trial.number,
        trial_seed(definition.search.seed, trial.number, -1),
    )
    if named is not None:
        study.sampler = PartialFixedSampler(dict(named), study.sampler)
    return space.suggest(begun_anew(trial))


def _is_tried(other: FrozenTrial, trial: optuna.Trial) -> bool:
    """Whether another trial has params that count; one that was handed back will be trained."""
    return other.number != trial.number and other.state != TrialState.FAIL and bool(other.params)


def _is_continuous(trial: FrozenTrial) -> bool:
    found = trial.distributions.values()
    return any(isinstance(each, FloatDistribution) and each.step is None for each in found)


def _dry(
    study: optuna.Study, trials: Sequence[FrozenTrial], sampler: optuna.samplers.BaseSampler
) -> optuna.Study:
    """A study in memory with these trials, of which those that could only be repeated have lost.

    Those that wait are left out: it would hand them out.
    """
    storage = optuna.storages.InMemoryStorage()
    storage.create_new_study(study.directions, _NAME)
    dry = StoredStudy(_NAME, storage)
    dry.sampler = sampler
    known = [each for each in trials if each.state != TrialState.WAITING]
    dry.add_trials([_copy(each) if _is_continuous(each) else _lost(each) for each in known])
    return dry


def _copy(trial: FrozenTrial) -> FrozenTrial:
    """What a sampler reads of a trial."""
    return create_trial(
        state=trial.state,
        value=trial.value if trial.state == TrialState.COMPLETE else None,
        params=trial.params,
        distributions=trial.distributions,
        intermediate_values=trial.intermediate_values,
    )


def _lost(trial: FrozenTrial) -> FrozenTrial:
    """Pruned before it reported: of all trials that the sampler has, the last."""
    return create_trial(
        state=TrialState.PRUNED, params=trial.params, distributions=trial.distributions
    )
