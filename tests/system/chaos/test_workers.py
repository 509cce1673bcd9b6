"""Workers are killed, stopped, paused, and their database with them: nothing is lost or doubled."""

import itertools
import json
import os
import re
import signal
import threading
import time
from collections import Counter

import pytest
from _crew import Crew
from _cutting import AFTER, BEFORE, Wire
from _served import Process, token_file

from tuner.data.loading import open_dataset
from tuner.storage.connect import open_storage
from tuner.storage.running import running
from tuner.storage.token import TOKEN_FILE
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read
from tuner.study.studies import load_study
from tuner.study.submission import Submission
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

N_TRIALS, N_WORKERS = int(os.environ.get("TUNER_CHAOS_TRIALS", "24")), 4
N_STRIKES = max(12, N_TRIALS // 6)
N_EPOCHS = 150 if N_TRIALS < 100 else 60
AT_ONCE = N_TRIALS // N_STRIKES - 1
"""Trials that may go on after a strike: fewer than it takes to be done before the last."""

ORDERS = """
import ctypes, glob, os, random, sys, time
import keras
def crash():
    ctypes.string_at(0)
def memory():
    raise MemoryError("no room")
DOES = {
    "hang": lambda: time.sleep(600), "leave": lambda: os._exit(3), "exit": lambda: sys.exit(3),
    "crash": crash, "memory": memory,
}
def is_taken(name):
    try:
        os.rename(name, f"taken.{name}.{os.getpid()}")
    except OSError:
        return False
    return True
def may_go_on():
    return os.path.exists("free") or any(map(is_taken, glob.glob("turn.*")))
class Obey(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.stop = random.Random().randrange(self.params["epochs"])
    def on_epoch_begin(self, epoch, logs=None):
        self.obey()
        if epoch < self.stop:
            return
        while not may_go_on():
            time.sleep(0.05)
            self.obey()
        self.stop = self.params["epochs"]
    def obey(self):
        if is_taken("order"):
            DOES[open(f"taken.order.{os.getpid()}").read()]()
def callbacks():
    return [Obey()]
"""
"""Code of a user's that does what a file says, and somewhere waits for its turn to go on."""

REASONS = ("given up after", "hung: no epoch", "SystemExit: 3")


@pytest.fixture
def definition(npz, tmp_path, monkeypatch):
    (tmp_path / "orders.py").write_text(ORDERS)
    monkeypatch.chdir(tmp_path)
    training = {"epochs": N_EPOCHS, "batch_size": 50, "learning_rate": 0.01}
    table = {
        "name": "chaos",
        "data": str(npz),
        "space": {"variant": ["standard", "gaussian"], "width": [8, 16], "depth": 1},
        "training": training | {"callbacks": "orders:callbacks", "max_epoch_seconds": 15},
        "search": {"trials": N_TRIALS, "pruner": "none", "sampler": "random"},
    }
    return StudyDefinition.parse(table, "test")


@pytest.fixture(params=["sqlite", "postgres", "served"])
def store_url(request, tmp_path, new_store):
    """The URL of the database; the workers of one that is served do not know it."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").store()
    return new_store(tmp_path / "store.db")


@pytest.fixture
def served(request, store_url, tmp_path, monkeypatch):
    """The process that serves the store, if one does."""
    if request.node.callspec.params["store_url"] != "served":
        yield None
        return
    monkeypatch.setenv(TOKEN_FILE, str(token_file(tmp_path)))
    served = Process(store_url, tmp_path)
    yield served
    served.kill()


@pytest.fixture
def submitted(definition, store_url):
    dataset = open_dataset(definition.data_settings)
    resolved = resolve(definition, dataset.train_validation)
    given = (resolved.definition, resolved.space, dataset.train_validation, dataset.fingerprint)
    assert Submission(store_url, *given).fill() == N_TRIALS
    return resolved, dataset.train_validation


@pytest.fixture
def study(store_url, submitted):
    return load_study("chaos", open_storage(store_url, patience=60))


@pytest.fixture
def wire(request, store_url, served):
    """What leads to the database, or to who serves it, if there is a server."""
    if served is None and not store_url.startswith("postgresql"):
        yield None
        return
    wire = Wire((served or request.getfixturevalue("postgres")).port)
    yield wire
    wire.stop()


@pytest.fixture
def crew(study, store_url, wire, served, tmp_path):
    def busy():
        held = running(study._storage.database, study._study_id)
        return {int(trial.lease.worker.rpartition(":")[2]) for trial in held}

    url = served.url if served else store_url
    crew = Crew(N_WORKERS, wire.url(url) if wire else url, tmp_path, 0, busy)
    yield crew
    crew.end()


@pytest.fixture
def others(request, wire, served, tmp_path):
    """What is done besides to the workers: to their code, to the database, to the way there."""

    def order(what):
        def give():
            if (tmp_path / "order").exists():
                return False
            (tmp_path / "order.new").write_text(what)
            (tmp_path / "order.new").rename(tmp_path / "order")
            return True

        return give

    found = [(what, order(what)) for what in ("hang", "leave", "exit", "crash", "memory")]
    if served is not None:
        return [("restart", served.restart), *(3 * [("die in a tell", die(tmp_path))])]
    if wire is not None:
        server = request.getfixturevalue("postgres")
        found += [
            ("restart", lambda: server.restart(1.0)),
            ("cut", lambda: wire.lead_to(server.port)),
            ("cut before a commit", lambda: wire.cut(BEFORE)),
            ("cut after a commit", lambda: wire.cut(AFTER)),
        ]
    return found


def die(folder):
    """Have the server die in the middle of the next end of a trial: before it, then after it."""
    order = itertools.cycle(["before finish", "after finish"])
    return lambda: (folder / "die").write_text(next(order))


@pytest.fixture
def cutting(wire, served):
    """Cut the connections to a store that is served every few hundred milliseconds."""
    ended = threading.Event()

    def cut():
        while not ended.wait(0.3):
            wire.lead_to(served.port)
            served.revive()

    thread = threading.Thread(target=cut)
    if served is not None:
        thread.start()
    yield
    ended.set()
    if served is not None:
        thread.join()


def recomputed(resolved, train_validation, trials):
    trainer, recipes = trainer_of(resolved, train_validation)
    return [trainer.run(recipes.of(trial.params), trial.seed).value for trial in trials]


@pytest.mark.slow
@pytest.mark.timeout(600 + 8 * N_TRIALS)
def test_every_trial_ends_once_with_the_value_of_its_params(
    submitted, study, crew, others, cutting, tmp_path
):
    began, next_strike, turns = time.monotonic(), 0.0, itertools.count()

    def go_on():
        if len(crew.done) == N_STRIKES:
            (tmp_path / "free").touch()
        for _ in range(AT_ONCE):
            (tmp_path / f"turn.{next(turns)}").touch()

    go_on()
    while crew.is_alive():
        assert time.monotonic() < began + 500 + 6 * N_TRIALS, crew.logs()
        crew.wake()
        begun = read(study).counts.finished
        if begun and time.monotonic() > next_strike and len(crew.done) < N_STRIKES:
            crew.strike(*others)
            go_on()
            next_strike = time.monotonic() + 1.5
        time.sleep(0.3)
    (tmp_path / "order").unlink(missing_ok=True)  # this process computes them again
    results = read(study)
    ended = [trial for trial in results.trials if trial.state == "COMPLETE"]
    failed = [trial for trial in results.trials if trial.state == "FAIL"]
    assert len(ended) == N_TRIALS, crew.logs()
    assert [trial.error for trial in failed if not trial.error.startswith(REASONS)] == []
    assert len(results.trials) == N_TRIALS + len(failed)
    assert [trial.number for trial in results.trials] == list(range(len(results.trials)))
    assert all(trial.n_epochs == N_EPOCHS for trial in ended)
    assert [trial.value for trial in ended] == recomputed(*submitted, ended)
    assert running(study._storage.database, study._study_id) == []
    assert set(crew.codes()) <= {0, -signal.SIGKILL, -signal.SIGTERM}, crew.logs()
    assert len(crew.done) == N_STRIKES
    assert failed or any(trial.attempts for trial in ended) or "die in a tell" in crew.done
    assert not list(tmp_path.glob("studies/chaos/checkpoints/*"))
    figures = {
        "seconds": round(time.monotonic() - began),
        "strikes": dict(Counter(crew.done)),
        "attempts": sum(trial.attempts for trial in results.trials),
        "failed": dict(Counter(re.split(r"[:;(]", trial.error)[0] for trial in failed)),
        "trials": len(ended),
    }
    print(json.dumps(figures))  # noqa: T201 (what `make chaos` shows)
