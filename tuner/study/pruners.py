"""Who is asked whether a trial is losing, and after which epochs; resources are epochs.

What follows from the answer is decided in tuner/workers/pruning.py.
"""

from collections.abc import Callable, Container

import optuna

from tuner import importer
from tuner.study.definition import StudyDefinition

_REDUCTION = 2

PRUNERS: dict[str, Callable[[int], optuna.pruners.BasePruner]] = {
    "successive_halving": lambda epochs: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=max(1, epochs // 4), reduction_factor=_REDUCTION
    ),
    "hyperband": lambda epochs: optuna.pruners.HyperbandPruner(max_resource=epochs),
    "median": lambda epochs: optuna.pruners.MedianPruner(
        n_warmup_steps=_fifth(epochs), interval_steps=_fifth(epochs)
    ),
    "patient": lambda epochs: optuna.pruners.PatientPruner(
        optuna.pruners.MedianPruner(), patience=_fifth(epochs)
    ),
    "curves": lambda epochs: importer.load("tuner.study.curves.pruner:CurvesPruner")(),
    "none": lambda epochs: optuna.pruners.NopPruner(),
}


def make_pruner(definition: StudyDefinition) -> optuna.pruners.BasePruner:
    """The pruner of a study; resources are epochs."""
    return PRUNERS[definition.search.pruner](definition.training.epochs)


def pruning_epochs(definition: StudyDefinition) -> Container[int]:
    """After which epochs to ask the pruner: those at which it may decide."""
    epochs = definition.training.epochs
    match definition.search.pruner:
        case "median":
            return range(_fifth(epochs), epochs + 1, _fifth(epochs))
        case "curves":
            return (max(1, epochs // 4), max(1, epochs // 2))
        case "successive_halving":
            rungs = [max(1, epochs // 4)]
            while rungs[-1] < epochs:
                rungs.append(rungs[-1] * _REDUCTION)
            return rungs
        case _:
            return range(1, epochs + 1)


def _fifth(epochs: int) -> int:
    return max(1, epochs // 5)
