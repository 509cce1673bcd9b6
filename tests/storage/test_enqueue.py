"""Trials are queued together, and no more than are missing."""

import optuna
import pytest
from _claims import in_processes, states, waiting

from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue


@pytest.fixture
def study(store_url):
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    return study


def test_trials_are_queued_with_their_attributes_and_dense_numbers(study):
    trials = study.get_trials()
    assert [t.number for t in trials] == [0, 1, 2]
    assert [t.user_attrs for t in trials] == [{"slot": i} for i in range(3)]
    assert states(study) == ["WAITING"] * 3


def fill_all(url, barrier, added):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    database, study_id = study._storage.database, study._study_id
    barrier.wait(100)
    added.put(enqueue(database, study_id, lambda counts, _: waiting(40 - sum(counts.values()))))


@pytest.mark.slow
def test_several_processes_queue_no_more_than_is_missing(study, store_url):
    assert sum(in_processes(4, fill_all, store_url)) == 37
    assert [t.number for t in study.get_trials()] == list(range(40))
