"""Trials of the dead and the silent go back to the queue."""

import socket

import optuna
import pytest
import sqlalchemy
from _claims import claim, in_processes, silence, states, waiting
from optuna.trial import TrialState

from tuner.storage import lease, transactions
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.lease import LostTrialError, this_worker
from tuner.storage.running import running
from tuner.storage.stale import reap, take

DEAD = f"{socket.gethostname()}:{2**22 + 1}"


@pytest.fixture(autouse=True)
def long_up(monkeypatch):
    """A server that was not started a moment ago, as that of the tests was."""
    monkeypatch.setattr("tuner.storage.running._start", lambda database: sqlalchemy.null())


@pytest.fixture
def study(store_url):
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    return study


@pytest.fixture
def other(store_url, study):
    return optuna.load_study(study_name="s", storage=open_storage(store_url))


def test_a_silent_worker_loses_its_trial_and_can_write_nothing(study, other):
    trial = claim(study, heartbeat=10)
    trial.report(0.5, 1)
    study._storage.write()
    silence(study, 39)
    assert reap(other._storage.database, other._study_id) == []
    silence(study, 41)
    assert [t.number for t in reap(other._storage.database, other._study_id)] == [0]
    assert states(other)[0] == "WAITING"
    again = claim(other)
    assert again.number == 0
    trial.set_user_attr("x", 1)
    with pytest.raises(LostTrialError):
        study._storage.write()
    with pytest.raises(LostTrialError):
        study.tell(trial, 0.1)
    study._storage.abandon()
    other.tell(again, 0.9)
    assert other.get_trials()[0].value == 0.9
    assert "x" not in other.get_trials()[0].user_attrs


def test_a_sign_of_life_says_how_long_there_was_no_epoch(study, other):
    def idle():
        (found,) = running(other._storage.database, other._study_id)
        return found.idle

    trial = claim(study)
    store = study._storage
    trial.report(0.5, 1)
    store.write()
    transactions.beat(store.database, trial._trial_id, store.lease, 500.0, 1)
    assert 500 <= idle() < 510
    trial.report(0.6, 2)
    store.write()
    assert idle() < 10
    store.release()
    claim(study)
    assert idle() < 10


def test_only_the_trial_that_a_worker_still_has_is_taken_from_it(study, other):
    number = claim(study).number
    given = (other._storage.database, other._study_id, number)
    assert not take(*given, DEAD, "fail", "hung")
    assert take(*given, this_worker(), "fail", "hung")
    assert not take(*given, this_worker(), "fail", "hung")
    assert other.get_trials()[number].user_attrs["error"] == "hung"
    with pytest.raises(LostTrialError):
        study._storage.release()


def test_a_trial_without_a_lease_is_taken_after_a_while(study, other):
    trial_id = study.get_trials()[0]._trial_id
    study._storage.set_trial_state_values(trial_id, state=TrialState.RUNNING)
    assert reap(other._storage.database, other._study_id) == []
    start = sqlalchemy.text("UPDATE trials SET datetime_start = '2020-01-01 00:00:00'")
    study._storage.database.run(lambda connection: connection.execute(start))
    assert len(reap(other._storage.database, other._study_id)) == 1


def test_the_third_attempt_is_the_last_and_says_why(study, other, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    for attempt in (1, 2, 3):
        assert claim(study).number == 0
        reap(other._storage.database, study._study_id)
        trial = other._storage.database.get_trial(study.trials[0]._trial_id)
        assert trial.user_attrs["attempts"] == attempt
    assert trial.state == TrialState.FAIL
    assert trial.user_attrs["error"] == f"given up after 3 attempts: its worker died ({DEAD})"
    assert trial.datetime_complete is not None
    assert claim(study).number == 1


def test_who_is_to_be_heard_of_is_left_to_them_that_hear(study, other, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    claim(study, heartbeat=10)
    given = (other._storage.database, other._study_id)
    assert reap(*given, spare={DEAD}) == []
    assert states(other)[0] == "RUNNING"
    silence(study, 41)
    assert len(reap(*given, spare={DEAD})) == 1


def test_a_worker_that_was_told_to_go_is_not_counted(study, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    claim(study)
    reap(study._storage.database, study._study_id, blame=False)
    assert "attempts" not in study.get_trials()[0].user_attrs


def reap_all(url, barrier, reaped):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    barrier.wait(100)
    reaped.put(len(reap(study._storage.database, study._study_id)))


@pytest.mark.slow
def test_each_trial_of_the_dead_is_handed_back_once(study, store_url, monkeypatch):
    monkeypatch.setattr(lease, "this_worker", lambda: DEAD)
    while claim(study):
        pass
    assert sum(in_processes(4, reap_all, store_url)) == 3
    again = optuna.load_study(study_name="s", storage=open_storage(store_url))
    assert [t.user_attrs["attempts"] for t in again.get_trials()] == [1, 1, 1]
