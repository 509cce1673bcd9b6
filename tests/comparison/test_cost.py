"""What a comparison would cost."""

import dataclasses

import optuna
import pytest
from _made_studies import compare, study, trial

from tuner.comparison import candidates
from tuner.comparison.cost import cost_of
from tuner.study.reading import read


@pytest.fixture
def store():
    return optuna.storages.InMemoryStorage()


@pytest.fixture
def found(store):
    return read(study(*map(trial, range(12)), store=store))


def cost(found, store, n_seeds, budget=None):
    return cost_of(found, candidates.choose(found), n_seeds, store, budget)


def test_without_a_race_all_have_all_seeds(found, store):
    n = len(candidates.choose(found))
    assert dataclasses.astuple(cost(found, store, 4)) == (3, n - 3, 4 * n, 4 * n, 0, 1.5)


def test_a_race_ends_between_its_first_and_its_last_look(found, store):
    said = cost(found, store, 16)
    n_final = 1 + min(3, said.n_nones)
    n = said.n_dropouts + said.n_nones
    assert (said.at_least, said.at_most) == (2 * n + 5 * n_final, 2 * n + 14 * n_final)
    assert cost(found, store, 16, budget=7).at_most == 7


def test_what_is_finished_is_not_paid_again(found, store):
    compare(optuna.load_study(study_name="mine", storage=store), store)
    said = cost(found, store, 3)
    assert said.finished == 6
    rows = dict(said.rows(n_jobs=2))
    assert rows["at most"] == f"{1.5 * (said.at_most - 6) / 2:.0f} s, with 2 at a time"
