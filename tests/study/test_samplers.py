"""A sampler is seeded by its trial, and what not every trial has differs from trial to trial."""

import importlib.util

import optuna
import pytest
from _spaces import DEFINITION, SPACE

from tuner.errors import UsageError
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.samplers import SAMPLERS, make_sampler, trial_seed
from tuner.study.studies import check_names, open_study


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


@pytest.fixture
def storage(tmp_path, new_store):
    return open_storage(new_store(tmp_path / "store.db"))


@pytest.fixture
def study(storage):
    return open_study(DEFINITION, "abc", storage)


def changed(**table):
    base = {"name": "mine", "metric": "accuracy"}
    return StudyDefinition.parse(base | table, "test")


def test_trial_seeds_are_distinct():
    seeds = [trial_seed(s, n, r) for s in range(5) for n in range(20) for r in range(-1, 4)]
    assert len(set(seeds)) == 5 * 20 * 5
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_trial_seeds_are_stable():
    seeds = trial_seed(0, 0), trial_seed(0, 1), trial_seed(7, 1, 2)
    assert seeds == (3831201730, 901243215, 1916955614)


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_gp_sampler_asks_for_torch():
    with pytest.raises(UsageError, match="sampler 'gp' needs torch"):
        check_names(changed(search={"sampler": "gp"}))


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "gp"])
def test_sampler_can_be_made_and_proposes(name, study):
    definition = changed(search={"sampler": name})
    study.sampler = make_sampler(definition, 3)
    assert set(SPACE.suggest(study.ask())) >= {"variant", "rate", "width"}


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_sampler_of_a_trial_proposes_the_same_again(name):
    definition = changed(search={"sampler": name})
    proposed = []
    for number in (3, 3, 4):
        trial = optuna.create_study(sampler=make_sampler(definition, number)).ask()
        proposed.append([trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)])
    assert proposed[0] == proposed[1]
    assert proposed[0] != proposed[2]
