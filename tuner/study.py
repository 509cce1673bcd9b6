"""Definition + storage -> Optuna study: samplers, pruners, and the queue of trials."""

import importlib.metadata
import importlib.util
import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.trial import Trial, TrialState, create_trial

from tuner import importer
from tuner.data import DATASETS
from tuner.definition import METRICS, Scalar, StudyDefinition
from tuner.errors import StoreError, UsageError, unknown
from tuner.models import MODELS
from tuner.search_space import BASELINE_VARIANTS, BASELINES, SearchSpace
from tuner.variants import VARIANTS

SAMPLERS = {
    "tpe": "optuna.samplers:TPESampler",
    "random": "optuna.samplers:RandomSampler",
    "grid": "optuna.samplers:RandomSampler",
    "qmc": "optuna.samplers:QMCSampler",
    "gp": "optuna.samplers:GPSampler",
    "nsgaii": "optuna.samplers:NSGAIISampler",
}
_ONE_SEQUENCE = ("qmc",)

PRUNERS: dict[str, Callable[[int], optuna.pruners.BasePruner]] = {
    "successive_halving": lambda epochs: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=max(1, epochs // 4), reduction_factor=2
    ),
    "hyperband": lambda epochs: optuna.pruners.HyperbandPruner(max_resource=epochs),
    "median": lambda epochs: optuna.pruners.MedianPruner(n_warmup_steps=epochs // 5),
    "patient": lambda epochs: optuna.pruners.PatientPruner(
        optuna.pruners.MedianPruner(), patience=max(1, epochs // 5)
    ),
    "none": lambda epochs: optuna.pruners.NopPruner(),
}
_NOT_IDENTITY = ("name", "data", "search.trials", "compare.seeds")


@dataclass(frozen=True)
class Counts:
    """Trials by state; `finished` ones are complete or pruned."""

    complete: int = 0
    pruned: int = 0
    failed: int = 0
    waiting: int = 0
    running: int = 0

    @property
    def finished(self) -> int:
        """How much of the budget is spent."""
        return self.complete + self.pruned


def check_names(definition: StudyDefinition) -> None:
    """Refuse what is not in a table, naming the nearest that is. Imports nothing heavy."""
    knobs, variants = definition.space.knobs, definition.space.variant or ()
    named: list[tuple[str, str, Mapping[str, Any]]] = [
        ("data set", definition.data, DATASETS),
        ("model", definition.model, MODELS),
        ("sampler", definition.search.sampler, SAMPLERS),
        ("pruner", definition.search.pruner, PRUNERS),
        *(("variant", name, VARIANTS) for name in variants),
        *(("variant", name, VARIANTS) for name in knobs),
    ]
    for kind, name, table in named:
        reference = kind in ("data set", "model") and (":" in name or "." in name)
        if name not in table and not reference:
            raise UsageError(unknown(kind, name, table))
    if definition.search.sampler == "gp" and importlib.util.find_spec("torch") is None:
        raise UsageError("sampler 'gp' needs torch: pip install torch, or use 'tpe'")


def open_study(
    definition: StudyDefinition, fingerprint: str, storage: optuna.storages.BaseStorage
) -> optuna.Study:
    """Create the study, or load it where the store has it with the same definition and data.

    Raises UsageError naming what differs otherwise.
    """
    names = {summary.study_name for summary in optuna.get_all_study_summaries(storage)}
    if definition.name in names:
        study = load_study(definition.name, storage)
        _refuse_changes(study, definition, fingerprint)
        return study
    metric = str(definition.metric)
    study = optuna.create_study(
        study_name=definition.name, storage=storage, direction=METRICS[metric].direction
    )
    study.set_user_attr("data", fingerprint)
    study.set_user_attr("versions", versions())
    study.set_metric_names([metric])
    study.set_user_attr("definition", definition.to_table())
    return study


def load_study(
    name: str, storage: optuna.storages.BaseStorage, known: Sequence[str] = ()
) -> optuna.Study:
    """A study of the store; UsageError names the studies there are, and those `known` besides."""
    names = [summary.study_name for summary in optuna.get_all_study_summaries(storage)]
    if name not in names:
        raise UsageError(unknown("study", name, [*names, *known]))
    return optuna.load_study(
        study_name=name, storage=storage, sampler=optuna.samplers.RandomSampler()
    )


def definition_of(study: optuna.Study) -> StudyDefinition:
    """The definition that a study was created with; StoreError where tuner did not create it."""
    table = study.user_attrs.get("definition")
    if table is None:
        raise StoreError(f"study {study.study_name!r} was not created by tuner")
    return StudyDefinition.parse(table, f"study {study.study_name!r} in the store")


def make_sampler(definition: StudyDefinition, number: int) -> optuna.samplers.BaseSampler:
    """The sampler of one trial, seeded by (study seed, trial number): it resumes exactly."""
    name, seed = definition.search.sampler, definition.search.seed
    sampler = importer.load(SAMPLERS[name])
    if name in _ONE_SEQUENCE:
        return sampler(seed=seed)  # type: ignore[no-any-return]
    return sampler(seed=trial_seed(seed, number, -1))  # type: ignore[no-any-return]


def make_pruner(definition: StudyDefinition) -> optuna.pruners.BasePruner:
    """The pruner of a study; resources are epochs."""
    return PRUNERS[definition.search.pruner](definition.training.epochs)


def trial_seed(seed: int, number: int, repeat: int = 0) -> int:
    """32 bits from (study seed, trial number, repeat): all randomness of a trial."""
    return int(np.random.SeedSequence((seed, number, repeat + 1)).generate_state(1)[0])


def fill_queue(
    study: optuna.Study, space: SearchSpace, definition: StudyDefinition, budget: int
) -> int:
    """Queue trials until those finished, running and waiting make up the budget.

    The first two are the baselines, then every other variant comes once; the grid sampler queues
    the points of its grid. Returns the budget, or less where the grid has fewer points.
    """
    counts = count(study)
    number = sum(vars(counts).values())
    points = _open_points(study, space) if definition.search.sampler == "grid" else None
    if points is not None:
        queued = counts.finished + counts.waiting + counts.running
        baselines_left = max(0, len(BASELINES) - number)
        budget = min(budget, queued + baselines_left + len(points))
    for _ in range(budget - counts.finished - counts.waiting - counts.running):
        study.add_trial(_waiting(space, number, points))
        number += 1
    return budget


def _open_points(study: optuna.Study, space: SearchSpace) -> list[tuple[int, dict[str, Scalar]]]:
    """The points of the grid, last one first, that no trial has tried or holds."""
    trials = study.get_trials(deepcopy=False)
    taken = {t.user_attrs.get("point") for t in trials if t.state != TrialState.FAIL}
    return [(i, point) for i, point in enumerate(space.grid()) if i not in taken][::-1]


def _waiting(
    space: SearchSpace, number: int, points: list[tuple[int, dict[str, Scalar]]] | None
) -> optuna.trial.FrozenTrial:
    """Trial `number` of a study: a baseline, the first of a variant, a grid point, or open."""
    attrs: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    firsts = [name for name in space.variants if name not in BASELINE_VARIANTS]
    index = number - len(BASELINES)
    if index < 0:
        baseline = space.baseline(number)
        attrs = {"role": "baseline", "fixed": baseline}
        fixed = space.contains(baseline)
    elif points is not None:
        position, point = points.pop()
        attrs = {"point": position}
        fixed = space.contains(point)
    elif index < len(firsts) and len(space.variants) > 1:
        attrs = {"role": "first of its variant"}
        fixed = {"variant": firsts[index]}
    system = {"fixed_params": fixed} if fixed else {}
    return create_trial(state=TrialState.WAITING, user_attrs=attrs, system_attrs=system)


def claim(study: optuna.Study, definition: StudyDefinition) -> Trial | None:
    """Take the next waiting trial, or None; of several workers exactly one gets it."""
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    waiting = storage.get_all_trials(study_id, deepcopy=False, states=(TrialState.WAITING,))
    for frozen in waiting:
        trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, frozen.number)
        try:
            if not storage.set_trial_state_values(trial_id, state=TrialState.RUNNING):
                continue
        except optuna.exceptions.UpdateFinishedTrialError:
            continue
        study.sampler = make_sampler(definition, frozen.number)
        return Trial(study, trial_id)
    return None


def release(study: optuna.Study, number: int) -> None:
    """Hand a running trial back to the queue, with its number, params and reports."""
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    storage.set_trial_state_values(trial_id, state=TrialState.WAITING)


def count(study: optuna.Study) -> Counts:
    """How many trials are in which state."""
    states = Counter(trial.state for trial in study.get_trials(deepcopy=False))
    return Counts(
        complete=states[TrialState.COMPLETE],
        pruned=states[TrialState.PRUNED],
        failed=states[TrialState.FAIL],
        waiting=states[TrialState.WAITING],
        running=states[TrialState.RUNNING],
    )


def versions() -> dict[str, str]:
    """What a study's values depend on."""
    packages = ("dropout-tuner", "optuna", "tensorflow", "keras", "numpy")
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def _refuse_changes(study: optuna.Study, definition: StudyDefinition, fingerprint: str) -> None:
    was, now = _flat(definition_of(study).to_table()), _flat(definition.to_table())
    changes = [
        f"{key} was {was.get(key, 'unset')}, now {now.get(key, 'unset')}"
        for key in sorted(was | now)
        if was.get(key) != now.get(key) and not key.startswith(_NOT_IDENTITY)
    ]
    if study.user_attrs.get("data") != fingerprint:
        changes.append("the data are others")
    if changes:
        raise UsageError(
            f"study {definition.name!r} exists with another definition ({'; '.join(changes)}):"
            " give --name to start another"
        )


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
