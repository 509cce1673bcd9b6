"""A search in processes of its own: signals, deaths, and the exact budget."""

import json
import os
import signal
from pathlib import Path

import pytest
from _cli import Running
from _waiting import WORKERS, exists, wait_for

from tuner.errors import TunerError
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool_workers.py").write_text(WORKERS)
    return tmp_path


@pytest.fixture
def begin(npz, tmp_path, monkeypatch):
    """Begin a search with two processes in a folder of its own; none is left behind."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def run(*options):
        fixed = ["--data", str(npz), "--variant", "standard", "--width", "8", "--pruner", "none"]
        begun.append(Running("search", *fixed, "--jobs", "2", *options))
        return begun[-1]

    yield run
    for search in begun:
        if search.poll() is None:
            search.send_signal(signal.SIGTERM)
        search.wait()


def rows():
    try:
        return list(read(load_study("three", open_storage("sqlite:///studies/tuner.db"))).trials)
    except TunerError:  # not there yet
        return []


def running():
    return [row for row in rows() if row.state == "RUNNING" and row.n_epochs > 1]


def of_two_processes():
    return len({row.worker for row in running()}) == 2 and running()


def pid(row):
    return int(row.worker.rpartition(":")[2])


@pytest.mark.slow
def test_two_processes_finish_exactly_the_budget(begin):
    done = begin("--trials", "9", "--epochs", "40", "--json").finish(250)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trials"] == {
        "complete": 9,
        "pruned": 0,
        "failed": 0,
        "waiting": 0,
        "running": 0,
    }
    assert [row.n_epochs for row in rows()] == [40] * 9
    assert len({row.worker for row in rows()}) == 2
    assert done.stderr.count("complete accuracy") == 9
    best = read(load_study("three", open_storage("sqlite:///studies/tuner.db"))).best
    assert json.loads(Path("studies/three/best.json").read_text())["trial"] == best.number


@pytest.mark.slow
def test_the_workers_hand_back_their_trials_where_the_leader_is_killed(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    workers = {pid(row) for row in wait_for(of_two_processes)}
    search.send_signal(signal.SIGKILL)
    search.wait(60)
    wait_for(lambda: not any(exists(worker) for worker in workers), 60)
    assert not any(row.state == "RUNNING" for row in rows())


@pytest.mark.slow
def test_killed_workers_are_replaced_on_their_trials_and_sigterm_hands_these_back(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    killed = {pid(row) for row in wait_for(of_two_processes)}
    for worker in killed:
        os.kill(worker, signal.SIGSTOP)
    held = {row.number for row in running()}
    for worker in killed:
        os.kill(worker, signal.SIGKILL)

    def of_others():
        found = of_two_processes() or []
        return found if killed.isdisjoint(map(pid, found)) else []

    again = wait_for(of_others)
    assert {row.number for row in again} == held
    search.send_signal(signal.SIGTERM)
    assert search.wait(60) == 130
    assert [row.state for row in rows() if row.number in held] == ["WAITING"] * 2
    assert not any(row.state == "RUNNING" for row in rows())
    assert not any(exists(pid(row)) for row in again)


DEADLY = """
import os, signal, keras
import tensorflow as tf
class Deadly(keras.layers.Layer):
    def __init__(self, units=0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
    def call(self, x, training=False):
        if training and not tf.executing_eagerly():  # not where the model is looked at before
            os.kill(os.getpid(), signal.SIGKILL)
        return x
    def get_config(self):
        return {**super().get_config(), "units": self.units}
def build(params, spec):
    ends = keras.layers.Dense(spec.n_outputs)
    layers = [keras.layers.Dense(4), keras.layers.Dropout(0.5), Deadly(params["width"]), ends]
    return keras.Sequential([keras.Input(spec.input_shape), *layers])
"""


@pytest.mark.slow
def test_a_model_that_kills_every_process_ends_the_search_with_the_reason(begin, place):
    (place / "deadly_model.py").write_text(DEADLY)
    search = begin("--trials", "6", "--model", "deadly_model:build", "--name", "three", "-q")
    done = search.finish(240)
    assert done.returncode in (1, 4)
    assert "died" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    failed = [row for row in rows() if row.state == "FAIL"]
    assert all("given up after 3 attempts: its worker died" in row.error for row in failed)
    assert failed
