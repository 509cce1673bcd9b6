"""Several processes of one search: exactly the budget, whatever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest

from tuner.errors import TunerError
from tuner.pool import Pool
from tuner.results import read
from tuner.storage import open_storage
from tuner.study import load_study
from tuner.training import share_cores


def write_pid(folder):
    def work(pool):
        (folder / str(os.getpid())).touch()
        while not pool.stopped():
            time.sleep(0.01)

    return work


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    return found


def test_processes_begin_when_told_and_end_with_the_pool(tmp_path):
    with Pool(3, write_pid(tmp_path)) as pool:
        time.sleep(0.2)
        assert list(tmp_path.iterdir()) == []
        pool.go()
        wait_for(lambda: len(list(tmp_path.iterdir())) == 3)
        assert pool.is_alive()
        assert not pool.stopped()
    assert not pool.is_alive()
    assert str(os.getpid()) not in {path.name for path in tmp_path.iterdir()}


def test_a_pool_that_was_never_told_to_begin_ends_too(tmp_path):
    with Pool(2, write_pid(tmp_path)) as pool:
        pass
    assert not pool.is_alive()
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_pool_interrupts_the_others(tmp_path):
    def work(pool):
        (tmp_path / "began").touch()
        time.sleep(60)

    def fail():
        with Pool(1, work) as pool:
            pool.go()
            wait_for((tmp_path / "began").exists)
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert time.monotonic() - began < 30


def test_what_goes_wrong_in_a_process_is_one_line(capfd):
    with Pool(1, lambda pool: 1 / 0) as pool:
        pool.go()
        wait_for(lambda: not pool.is_alive())
    assert capfd.readouterr().err == "A worker process ended: ZeroDivisionError: division by zero\n"


def test_cores_are_not_shared_once_tensorflow_has_run():
    keras.ops.ones(1) + 1
    assert share_cores(1)
    assert not share_cores(2)


# The whole search, in processes of its own


@pytest.fixture
def begin(npz, tmp_path, monkeypatch):
    """Begin a search with two processes in a folder of its own; none is left behind."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def run(*options):
        fixed = ["--data", str(npz), "--variant", "standard", "--width", "8", "--pruner", "none"]
        command = [sys.executable, "-m", "tuner", "search", *fixed, "--jobs", "2", *options]
        begun.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        return begun[-1]

    yield run
    for search in begun:
        if search.poll() is None:
            search.terminate()
        search.communicate()


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
    search = begin("--trials", "9", "--epochs", "40", "--json")
    out, err = search.communicate(timeout=250)
    assert search.returncode == 0, err
    assert json.loads(out)["trials"] == {
        "complete": 9,
        "pruned": 0,
        "failed": 0,
        "waiting": 0,
        "running": 0,
    }
    assert [row.n_epochs for row in rows()] == [40] * 9
    assert len({row.worker for row in rows()}) == 2
    assert err.count("complete accuracy") == 9
    best = read(load_study("three", open_storage("sqlite:///studies/tuner.db"))).best
    assert json.loads(Path("studies/three/best.json").read_text())["trial"] == best.number


@pytest.mark.slow
def test_a_killed_process_costs_no_trial(begin):
    search = begin("--trials", "6", "--epochs", "400", "-q")
    victims = wait_for(of_two_processes)
    other = next(row for row in victims if pid(row) != search.pid)
    os.kill(pid(other), signal.SIGKILL)
    _, err = search.communicate(timeout=250)
    assert search.returncode == 0, err
    assert [row.state for row in rows()] == ["COMPLETE"] * 6
    assert rows()[other.number].n_epochs == 400


@pytest.mark.slow
def test_sigterm_hands_back_every_trial(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    workers = {pid(row) for row in wait_for(of_two_processes)}
    search.terminate()
    search.communicate(timeout=60)
    assert search.returncode == 130
    assert not any(row.state == "RUNNING" for row in rows())
    assert not any(exists(worker) for worker in workers)


@pytest.mark.slow
def test_the_others_end_where_the_first_process_is_killed(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    workers = {pid(row) for row in wait_for(of_two_processes)}
    search.kill()
    search.communicate(timeout=60)
    wait_for(lambda: not any(exists(worker) for worker in workers), 60)
    assert len([row for row in rows() if row.state == "RUNNING"]) == 1  # of the killed one


def exists(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
