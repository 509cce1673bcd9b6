"""Who may write a trial, on both databases."""

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import optuna
import pytest
import sqlalchemy
from optuna.trial import TrialState, create_trial

from tuner.storage import tables, transactions
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.lease import Lease, LostTrialError, pid_space, this_worker
from tuner.storage.stale import is_dead, reap, running

DEAD = f"{socket.gethostname()}:{2**22 + 1}"


def waiting(n=1):
    return [create_trial(state=TrialState.WAITING, user_attrs={"slot": i}) for i in range(n)]


@pytest.fixture
def study(store_url):
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    return study


@pytest.fixture
def other(store_url, study):
    return optuna.load_study(study_name="s", storage=open_storage(store_url))


def claim(study, **given):
    trial_id = study._storage.claim(study._study_id, **given)
    return None if trial_id is None else optuna.trial.Trial(study, trial_id)


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def silence(study, seconds):
    """As if the last sign of life of every trial had been so long ago."""
    ago = "now() - interval '{} seconds'" if "postgres" in study._storage.database.url else None
    ago = (ago or "datetime('now', '-{} seconds')").format(seconds)
    change = sqlalchemy.text(f"UPDATE trial_heartbeats SET heartbeat = {ago}")
    study._storage.database.run(lambda connection: connection.execute(change))


def test_trials_are_queued_with_their_attributes_and_dense_numbers(study):
    trials = study.get_trials()
    assert [t.number for t in trials] == [0, 1, 2]
    assert [t.user_attrs for t in trials] == [{"slot": i} for i in range(3)]
    assert states(study) == ["WAITING"] * 3


def test_a_claim_gives_a_sign_of_life_at_once(study):
    trial = claim(study)
    (found,) = running(study._storage.database, study._study_id)
    assert (found.number, found.lease.worker) == (trial.number, this_worker())
    assert found.age < 5
    assert not found.is_stale


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


def test_a_worker_learns_with_its_next_sign_of_life_that_its_trial_is_gone(study, other):
    trial = claim(study, heartbeat=1)
    study._storage.beat()
    trial.report(0.5, 1)
    silence(study, 5)
    reap(other._storage.database, other._study_id)
    study._storage.beat()
    with pytest.raises(LostTrialError):
        trial.report(0.6, 2)


def test_a_sign_of_life_keeps_the_trial(study, other):
    claim(study, heartbeat=1)
    silence(study, 5)
    study._storage.beat()
    assert reap(other._storage.database, other._study_id) == []


def test_a_trial_without_a_lease_is_taken_after_a_while(study, other):
    trial_id = study.get_trials()[0]._trial_id
    study._storage.set_trial_state_values(trial_id, state=TrialState.RUNNING)
    assert reap(other._storage.database, other._study_id) == []
    start = sqlalchemy.text("UPDATE trials SET datetime_start = '2020-01-01 00:00:00'")
    study._storage.database.run(lambda connection: connection.execute(start))
    assert len(reap(other._storage.database, other._study_id)) == 1


def test_the_third_attempt_is_the_last_and_says_why(study, other, monkeypatch):
    monkeypatch.setattr(transactions, "this_worker", lambda: DEAD)
    for attempt in (1, 2, 3):
        assert claim(study).number == 0
        reap(other._storage.database, study._study_id)
        trial = other._storage.database.get_trial(study.trials[0]._trial_id)
        assert trial.user_attrs["attempts"] == attempt
    assert trial.state == TrialState.FAIL
    assert trial.user_attrs["error"] == f"given up after 3 attempts: its worker died ({DEAD})"
    assert trial.datetime_complete is not None
    assert claim(study).number == 1


def test_a_process_that_ended_unnoticed_is_gone():
    worker = subprocess.Popen([sys.executable, "-c", ""])
    host, here = socket.gethostname(), pid_space()
    held = Lease(f"{host}:{worker.pid}", "", 15.0, here)
    until = time.monotonic() + 20
    while not is_dead(held):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert worker.poll() == 0
    assert not is_dead(replace(held, worker=f"{host}:{os.getppid()}"))
    assert not is_dead(replace(held, worker=f"elsewhere:{worker.pid}"))
    assert not is_dead(replace(held, pids="pid:[1]"))


def test_what_may_pass_is_tried_again_three_times(study):
    for left in (True, True, False):
        assert claim(study).number == 0
        assert study._storage.retry("MemoryError: GPU") is left
    assert study.get_trials()[0].user_attrs["error"].endswith("attempts: MemoryError: GPU")


def test_a_worker_that_was_told_to_go_is_not_counted(study, monkeypatch):
    monkeypatch.setattr(transactions, "this_worker", lambda: DEAD)
    claim(study)
    reap(study._storage.database, study._study_id, blame=False)
    assert "attempts" not in study.get_trials()[0].user_attrs


def test_an_end_whose_answer_was_lost_is_told_once(study):
    trial = claim(study)
    given = (study._storage.database, trial._trial_id, study._storage._lease, tables.TrialRecord())
    for _ in range(2):
        transactions.finish(*given, TrialState.COMPLETE, [0.5])
    assert study._storage.database.get_trial(trial._trial_id).value == 0.5
    with pytest.raises(LostTrialError):
        transactions.finish(*given, TrialState.COMPLETE, [0.6])


def test_a_claim_whose_answer_was_lost_is_the_same_claim(study, monkeypatch):
    database = study._storage.database
    run = database.run

    def run_twice(action, **given):
        first = run(action, **given)
        return first if given else run(action)

    monkeypatch.setattr(database, "run", run_twice)
    assert claim(study).number == 0
    monkeypatch.undo()
    assert states(study) == ["RUNNING", "WAITING", "WAITING"]


def test_a_study_that_was_deleted_loses_its_trials(study, other):
    trial = claim(study)
    optuna.delete_study(study_name="s", storage=other._storage)
    with pytest.raises(LostTrialError):
        study.tell(trial, 0.5)


def claim_all(url, barrier, claimed):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    barrier.wait(100)
    numbers = []
    while (trial := claim(study)) is not None:
        numbers.append(trial.number)
        study.tell(trial, float(trial.number))
    claimed.put(numbers)


def fill_all(url, barrier, added):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    database, study_id = study._storage.database, study._study_id
    barrier.wait(100)
    added.put(enqueue(database, study_id, lambda counts, _: waiting(40 - sum(counts.values()))))


def reap_all(url, barrier, reaped):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    barrier.wait(100)
    reaped.put(len(reap(study._storage.database, study._study_id)))


def in_processes(n, target, url):
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(n), context.Queue()
    processes = [context.Process(target=target, args=(url, barrier, queue)) for _ in range(n)]
    for process in processes:
        process.start()
    found = [queue.get(timeout=200) for _ in processes]
    for process in processes:
        process.join(60)
    return found


@pytest.mark.slow
def test_of_300_trials_and_8_processes_none_is_claimed_twice(study, store_url):
    enqueue(study._storage.database, study._study_id, lambda *_: waiting(297))
    claimed = in_processes(8, claim_all, store_url)
    assert sorted(number for numbers in claimed for number in numbers) == list(range(300))
    trials = study.get_trials(deepcopy=False)
    assert [trial.value for trial in trials] == list(range(300))


@pytest.mark.slow
def test_several_processes_queue_no_more_than_is_missing(study, store_url):
    assert sum(in_processes(4, fill_all, store_url)) == 37
    assert [t.number for t in study.get_trials()] == list(range(40))


@pytest.mark.slow
def test_each_trial_of_the_dead_is_handed_back_once(study, store_url, monkeypatch):
    monkeypatch.setattr(transactions, "this_worker", lambda: DEAD)
    while claim(study):
        pass
    assert sum(in_processes(4, reap_all, store_url)) == 3
    again = optuna.load_study(study_name="s", storage=open_storage(store_url))
    assert [t.user_attrs["attempts"] for t in again.get_trials()] == [1, 1, 1]


def test_a_heartbeat_runs_beside_the_training(study):
    from tuner.workers.heartbeat import Heartbeat

    claim(study, heartbeat=0.2)
    silence(study, 30)
    with Heartbeat(study._storage, 0.2):
        time.sleep(1.0)
    (found,) = running(study._storage.database, study._study_id)
    assert found.age < 5
