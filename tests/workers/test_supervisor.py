"""The process that trains for `tuner worker` hangs, dies, or is told to stop."""

import threading
import time

import optuna
import pytest
from _claims import waiting

from tuner.errors import TunerError, UsageError
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.workers.pool import Pool
from tuner.workers.supervisor import supervise

WORKS = """
import os, time
from optuna.trial import TrialState
from tuner.errors import UsageError
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study
from tuner.workers.messages import Began, Ended, Served
from tuner.workers.channel import Orders
from tuner.workers.watch import Limits

def bad(does, number):
    exec(does)

def work(url, does, limit, channel):
    study = load_study("s", open_storage(url))
    while (trial_id := study.store.claim(study.id)) is not None:
        number = study.store.get_trial(trial_id).number
        channel.send(Began(os.getpid(), "s", number, Limits(epoch=limit)))
        bad(does, number)
        study.store.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])
        channel.send(Ended(number, os.getpid()))
    channel.send(Served())

def fail(channel):
    raise UsageError("no luck")

def die(channel):
    os._exit(5)
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "works.py").write_text(WORKS)


@pytest.fixture
def url(tmp_path, new_store):
    return new_store(tmp_path / "store.db")


@pytest.fixture
def study(url):
    study = optuna.create_study(storage=open_storage(url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, queued: waiting(3))
    return study


def trials(url):
    found = optuna.load_study(study_name="s", storage=open_storage(url)).get_trials()
    return [(each.state.name, each.user_attrs.get("error")) for each in found]


def test_told_to_stop_while_libraries_are_imported_it_ends_at_once(url, monkeypatch):
    stopping, began = threading.Event(), time.monotonic()
    monkeypatch.setattr(Pool, "add", lambda pool: stopping.set() or time.sleep(60))
    assert supervise("works:work", (url, "pass", None), url, stopping) == 0
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_a_trial_that_hangs_fails_and_the_others_are_run(url, study):
    said, does = [], "time.sleep(600 * (number == 1))"
    given = ("works:work", (url, does, 2.0), url, threading.Event(), said.append)
    assert supervise(*given) == 3
    reason = "hung: no epoch for 2 s, its max_epoch_seconds (works.py, line 12, in bad)"
    assert trials(url) == [("COMPLETE", None), ("FAIL", reason), ("COMPLETE", None)]
    assert said == [f"s trial 1 {reason}"]


def test_a_trial_that_ends_its_process_twice_fails_and_the_others_are_run(url, study):
    given = ("works:work", (url, "number == 1 and os._exit(4)", None), url, threading.Event())
    assert supervise(*given) == 2
    reason = "given up after 2 attempts: its process exited (4) at works.py, line 12, in bad"
    assert trials(url)[1] == ("FAIL", reason)


@pytest.mark.slow
def test_told_to_stop_a_trial_that_hangs_is_handed_back_without_blame(url, study, monkeypatch):
    monkeypatch.setattr("tuner.workers.supervisor._PATIENCE", 0.5)
    stopping = threading.Event()
    threading.Timer(3.0, stopping.set).start()
    assert supervise("works:work", (url, "time.sleep(600)", None), url, stopping) == 0
    assert trials(url) == [("WAITING", None)] * 3
    assert "attempts" not in study.get_trials()[0].user_attrs


def test_what_the_process_raises_is_raised(url):
    with pytest.raises(UsageError, match="no luck"):
        supervise("works:fail", (), url, threading.Event())


def test_processes_that_all_die_are_an_error(url, monkeypatch):
    monkeypatch.setattr("tuner.workers.supervisor._MAX_DEATHS", 1)
    with pytest.raises(TunerError, match=r"2 processes died one after the other: .*\(5\) at works"):
        supervise("works:die", (), url, threading.Event())
