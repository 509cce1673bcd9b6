"""A sampler is seeded by its trial, and what not every trial has differs from trial to trial."""

import optuna
import pytest

from tuner.study.definition import StudyDefinition
from tuner.study.samplers import SAMPLERS, make_sampler, trial_seed


def proposed(sampler, n=8):
    """What `sampler` proposes for a param that half of the trials have."""
    table = {"search": {"sampler": sampler, "seed": 3}}
    definition = StudyDefinition.parse(table, "test")
    study, found = optuna.create_study(), []
    for number in range(n):
        study.sampler = make_sampler(definition, number)
        trial = study.ask()
        trial.suggest_float("all", 0, 1)
        if number % 2:
            found.append(trial.suggest_float("rate", 0, 1))
        study.tell(trial, float(number))
    return found


@pytest.mark.parametrize("sampler", sorted(set(SAMPLERS) - {"gp", "grid"}))
def test_a_conditional_param_is_drawn_anew_for_each_trial_and_the_same_again(sampler):
    found = proposed(sampler)
    assert len(set(found)) == len(found)
    assert proposed(sampler) == found


def test_the_seed_of_a_trial_follows_from_study_number_and_repeat():
    seeds = {trial_seed(*given) for given in ((0, 0), (0, 1), (1, 0), (0, 0, 1))}
    assert len(seeds) == 4
    assert trial_seed(0, 0) in seeds
