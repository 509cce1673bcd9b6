"""The connection is cut in the middle of a COMMIT: what it was for is done, once."""

import socket

import optuna
import pytest
from _claims import claim, states, waiting
from _cutting import AFTER, BEFORE, Wire
from optuna.trial import TrialState

from tuner.storage import lease, stale
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.running import running

pytestmark = pytest.mark.slow
DEAD = f"{socket.gethostname()}:{2**22 + 1}"


@pytest.fixture
def wire(postgres):
    wire = Wire(postgres.port)
    yield wire
    wire.stop()


@pytest.fixture
def study(postgres, wire):
    """A study with three waiting trials, behind a wire."""
    url = wire.url(postgres.store())
    study = optuna.create_study(storage=open_storage(url, patience=20), study_name="s")
    assert put(study) == 3
    return study


@pytest.fixture(params=[BEFORE, AFTER])
def cut(request, wire):
    """Cut the next COMMIT; that it was one is checked in the end."""
    yield lambda **given: wire.cut(request.param, **given)
    assert wire.n_cuts == 1


def put(study):
    def missing(counts, queued):
        return waiting(3 - sum(counts.values()))

    return enqueue(study._storage.database, study._study_id, missing)


def test_trials_are_queued_once(postgres, wire, cut):
    url = wire.url(postgres.store())
    study = optuna.create_study(storage=open_storage(url, patience=20), study_name="s")
    cut()
    put(study)
    assert states(study) == ["WAITING"] * 3


def test_a_study_is_made_once(postgres, wire, cut):
    store = open_storage(wire.url(postgres.store()), patience=20)
    cut()
    study = optuna.create_study(storage=store, study_name="s")
    assert [each.study_name for each in store.get_all_studies()] == [study.study_name]


def test_a_trial_is_claimed_once(study, cut):
    cut()
    assert claim(study).number == 0
    assert states(study) == ["RUNNING", "WAITING", "WAITING"]


def test_what_a_trial_reports_is_kept_once(study, cut):
    trial = claim(study)
    trial.report(0.5, 1)
    cut()
    study._storage.write()
    assert study._storage.database.get_trial(trial._trial_id).intermediate_values == {1: 0.5}


def test_a_sign_of_life_is_given(study, cut):
    claim(study)
    cut()
    study._storage.beat()
    (found,) = running(study._storage.database, study._study_id)
    assert found.age < 20


def test_an_end_is_told_once(study, cut):
    trial = claim(study)
    cut()
    study.tell(trial, 0.5)
    assert states(study) == ["COMPLETE", "WAITING", "WAITING"]
    assert study._storage.database.get_trial(trial._trial_id).value == 0.5


def test_a_trial_is_handed_back_once(study, cut):
    claim(study)
    cut()
    study._storage.release()
    assert claim(study).number == 0


@pytest.mark.parametrize("n_before", [0, 2])
def test_an_attempt_is_counted_once(study, cut, n_before):
    for _ in range(n_before):
        claim(study)
        study._storage.retry("MemoryError")
    number = claim(study).number
    cut()
    assert study._storage.retry("MemoryError") is (n_before == 0)
    assert study.get_trials()[number].user_attrs["attempts"] == n_before + 1


def test_the_dead_are_buried_once(study, cut, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    trial, database = claim(study), study._storage.database
    cut(skip=1)
    assert len(stale.reap(database, study._study_id)) == 1
    assert database.get_trial(trial._trial_id).user_attrs["attempts"] == 1


def test_a_trial_is_taken_from_its_worker_once(study, cut, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    trial, database = claim(study), study._storage.database
    cut(skip=1)
    given = (database, study._study_id, trial.number, DEAD)
    assert stale.take(*given, "fail", "hung")
    assert database.get_trial(trial._trial_id).state == TrialState.FAIL
