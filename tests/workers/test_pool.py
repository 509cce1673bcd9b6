"""Worker processes: what they are given, what they say, how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest
from _internals import noticed_by, verify

from tuner.errors import TunerError, UsageError
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study
from tuner.workers.pool import Failed, Pool

WORKERS = """
import os, sys, time
from tuner.errors import UsageError
from tuner.workers.pool import Stop

def echo(first, mail):
    mail.send((first, os.getcwd(), "tensorflow" in sys.modules, "jax" in sys.modules))
    while (order := mail.order(0.01)) is None:
        pass
    mail.send(("heard", type(order).__name__))

def wait(mail):
    mail.send(os.path.samestat(os.fstat(1), os.fstat(2)))
    while not isinstance(mail.order(0.01), Stop):
        pass
    open("stopped", "w").close()

def fail(mail):
    raise UsageError("no luck")

def linger(mail):
    mail.send(os.getpid())
    while not isinstance(mail.order(0.01), Stop):
        pass
    time.sleep(1)
    open("stopped", "w").close()

def sleep(mail):
    mail.send(os.getpid())
    time.sleep(600)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool_workers.py").write_text(WORKERS)
    return tmp_path


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    return found


def heard(pool, n):
    found = []
    wait_for(lambda: found.extend(pool.receive(0.1)) or len(found) >= n or not len(pool))
    return found


def test_workers_get_their_arguments_in_the_folder_of_the_leader_with_tensorflow_imported(place):
    with Pool(2, "pool_workers:echo", ("given",)) as pool:
        found = sorted(heard(pool, 2))
        assert found == [("given", str(place), True, False)] * 2
        pool.tell("anything")
        assert heard(pool, 2) == [("heard", "str")] * 2
        wait_for(lambda: list(pool.receive(0.1)) == [] and not len(pool))


def test_leaving_the_pool_stops_its_workers_and_what_they_print_goes_to_stderr(place):
    with Pool(1, "pool_workers:wait", ()) as pool:
        assert heard(pool, 1) == [True]
    assert (place / "stopped").exists()


def test_an_error_in_the_leader_stops_them(place):
    def lead():
        with Pool(1, "pool_workers:wait", ()) as pool:
            heard(pool, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lead()
    assert (place / "stopped").exists()


def test_a_worker_that_does_not_stop_is_killed(place, monkeypatch):
    monkeypatch.setattr("tuner.workers.pool._PATIENCE", 0.5)
    with Pool(1, "pool_workers:sleep", ()) as pool:
        (process,) = heard(pool, 1)
    assert not exists(process)


@pytest.mark.parametrize(("signals", "code"), [(1, 0), (2, 143)])
def test_sigterm_stops_a_worker_and_a_second_one_ends_it_at_once(place, signals, code):
    with Pool(1, "pool_workers:linger", ()) as pool:
        (process,) = heard(pool, 1)
        (child,) = pool._lines.values()
        for _ in range(signals):
            os.kill(process, signal.SIGTERM)
            time.sleep(0.2)
        child.join(10)
        assert child.exitcode == code
    assert (place / "stopped").exists() == (signals == 1)


def test_what_goes_wrong_in_a_worker_is_told_with_its_kind(place):
    with Pool(1, "pool_workers:fail", ()) as pool:
        (failed,) = heard(pool, 1)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, UsageError)
    assert str(failed.error) == "no luck"


def test_a_killed_worker_is_let_go_and_has_been_reaped(place):
    with Pool(1, "pool_workers:sleep", ()) as pool:
        (process,) = heard(pool, 1)
        os.kill(process, signal.SIGKILL)
        wait_for(lambda: list(pool.receive(0.1)) == [] and not len(pool))
        assert not exists(process)


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
def test_sigterm_hands_back_every_trial(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    workers = {pid(row) for row in wait_for(of_two_processes)}
    search.terminate()
    search.communicate(timeout=60)
    assert search.returncode == 130
    assert not any(row.state == "RUNNING" for row in rows())
    assert not any(exists(worker) for worker in workers)


@pytest.mark.slow
def test_the_workers_hand_back_their_trials_where_the_leader_is_killed(begin):
    search = begin("--trials", "6", "--epochs", "4000", "-q")
    workers = {pid(row) for row in wait_for(of_two_processes)}
    search.kill()
    search.communicate(timeout=60)
    wait_for(lambda: not any(exists(worker) for worker in workers), 60)
    assert not any(row.state == "RUNNING" for row in rows())


@pytest.mark.slow
def test_workers_that_are_killed_are_replaced_and_their_trials_run_again(begin):
    search = begin("--trials", "6", "--epochs", "500", "-q")
    workers = [pid(row) for row in wait_for(of_two_processes)]
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    held = [row.number for row in running()]
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    search.communicate(timeout=240)
    assert search.returncode == 0
    assert {row.state for row in rows()} <= {"COMPLETE", "PRUNED"}
    assert len(rows()) == 6
    assert held
    assert not {pid(row) for row in rows() if row.number in held} & set(workers)


DEADLY = """
import os, signal, keras
class Deadly(keras.layers.Layer):
    def __init__(self, units=0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
    def call(self, x, training=False):
        if training:
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
    _, err = search.communicate(timeout=240)
    assert search.returncode in (1, 4)
    assert "died" in err
    assert len(err.splitlines()) == 1
    failed = [row for row in rows() if row.state == "FAIL"]
    assert all("given up after 3 attempts: its worker died" in row.error for row in failed)
    assert failed


def exists(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("use", noticed_by("tests/workers/test_pool.py"), ids=lambda use: use.name)
def test_what_is_used_of_multiprocessing_is_there(use):
    known = {"_forkserver": vars(forkserver), "_forkserver_pid": vars(forkserver._forkserver)}
    verify(use, lambda: use.name in known[use.name])
