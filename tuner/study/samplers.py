"""Who proposes the params of a trial, seeded so that a search repeats."""

import numpy as np
import optuna

from tuner import importer
from tuner.study.definition import StudyDefinition

SAMPLERS = {
    "curves": "optuna.samplers:RandomSampler",
    "tpe": "optuna.samplers:TPESampler",
    "random": "optuna.samplers:RandomSampler",
    "grid": "optuna.samplers:RandomSampler",
    "qmc": "optuna.samplers:QMCSampler",
    "gp": "optuna.samplers:GPSampler",
    "nsgaii": "optuna.samplers:NSGAIISampler",
}
_ONE_SEQUENCE = ("qmc",)


def make_sampler(definition: StudyDefinition, number: int) -> optuna.samplers.BaseSampler:
    """The sampler of one trial, seeded by (study seed, trial number): it resumes exactly."""
    name, seed = definition.search.sampler, definition.search.seed
    sampler = importer.load(SAMPLERS[name])
    own = trial_seed(seed, number, -1)
    if name in _ONE_SEQUENCE:
        others = optuna.samplers.RandomSampler(seed=own)  # what not every trial has
        return sampler(seed=seed, independent_sampler=others)  # type: ignore[no-any-return]
    return sampler(seed=own)  # type: ignore[no-any-return]


def trial_seed(seed: int, number: int, repeat: int = 0) -> int:
    """32 bits from (study seed, trial number, repeat): all randomness of a trial."""
    return int(np.random.SeedSequence((seed, number, repeat + 1)).generate_state(1)[0])
