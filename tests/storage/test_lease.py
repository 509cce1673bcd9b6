"""Leases: signs of life, and who is dead."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import optuna
import pytest
import sqlalchemy
from _claims import claim, silence, waiting

from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.lease import Lease, LostTrialError, pid_space, this_worker
from tuner.storage.running import is_dead, running
from tuner.storage.stale import reap


@pytest.fixture
def study(store_url):
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    return study


@pytest.fixture
def other(store_url, study):
    return optuna.load_study(study_name="s", storage=open_storage(store_url))


def test_a_claim_gives_a_sign_of_life_at_once(study):
    trial = claim(study)
    (found,) = running(study._storage.database, study._study_id)
    assert (found.number, found.lease.worker) == (trial.number, this_worker())
    assert found.age < 5
    assert not found.is_stale


def test_a_worker_learns_with_its_next_sign_of_life_that_its_trial_is_gone(
    study, other, monkeypatch
):
    monkeypatch.setattr("tuner.storage.running._start", lambda database: sqlalchemy.null())
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


def test_a_heartbeat_runs_beside_the_training(study):
    from tuner.workers.heartbeat import Heartbeat

    claim(study, heartbeat=0.2)
    silence(study, 30)
    with Heartbeat(study._storage, 0.2):
        time.sleep(1.0)
    (found,) = running(study._storage.database, study._study_id)
    assert found.age < 5
