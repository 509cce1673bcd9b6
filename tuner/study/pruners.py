"""Who is asked whether a trial is losing, and after which steps: epochs, or folds.

What follows from the answer is decided in tuner/workers/pruning.py.
"""

from collections.abc import Callable, Container

import optuna

from tuner import importer
from tuner.storage.optuna_objects import ServedPruner, WorkerStudy
from tuner.study.definition import StudyDefinition

_REDUCTION = 2

PRUNERS: dict[str, Callable[[int], optuna.pruners.BasePruner]] = {
    "successive_halving": lambda steps: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=max(1, steps // 4), reduction_factor=_REDUCTION
    ),
    "hyperband": lambda steps: optuna.pruners.HyperbandPruner(max_resource=steps),
    "median": lambda steps: optuna.pruners.MedianPruner(
        n_warmup_steps=_fifth(steps), interval_steps=_fifth(steps)
    ),
    "patient": lambda steps: optuna.pruners.PatientPruner(
        optuna.pruners.MedianPruner(), patience=_fifth(steps)
    ),
    "curves": lambda steps: importer.load("tuner.study.curves.pruner:CurvesPruner")(),
    "none": lambda steps: optuna.pruners.NopPruner(),
}


def make_pruner(definition: StudyDefinition) -> optuna.pruners.BasePruner:
    """The pruner of a study; resources are the steps of a trial."""
    return PRUNERS[definition.search.pruner](definition.n_steps)


def pruner_for(study: WorkerStudy, definition: StudyDefinition) -> optuna.pruners.BasePruner:
    """The pruner of a worker; where the store is served, it is asked."""
    served = study.store.served
    if served is None or definition.search.pruner == "none":
        return make_pruner(definition)
    return ServedPruner(study.store, served)


def pruning_steps(definition: StudyDefinition) -> Container[int]:
    """After which steps to ask the pruner: those at which it may decide."""
    steps = definition.n_steps
    match definition.search.pruner:
        case "median":
            return range(_fifth(steps), steps + 1, _fifth(steps))
        case "curves":
            return (max(1, steps // 4), max(1, steps // 2))
        case "successive_halving":
            rungs = [max(1, steps // 4)]
            while rungs[-1] < steps:
                rungs.append(rungs[-1] * _REDUCTION)
            return rungs
        case _:
            return range(1, steps + 1)


def _fifth(steps: int) -> int:
    return max(1, steps // 5)
