"""What the tests share: a quiet TensorFlow, tiny data, and a study that runs in a second."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from _places import ROOT

os.environ["KERAS_BACKEND"] = os.environ.get("TUNER_TEST_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import _postgres
import numpy as np
import pytest
from filelock import ReadWriteLock

from tuner.study.definition import StudyDefinition

# A shell lets background jobs ignore Ctrl-C, and so would the processes that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

ALONE = ("chaos", "compose", "test_acceptance.py", "test_benchmarks.py", "test_startup.py")
"""Tests that count seconds, or strike processes at work: they have the machine for themselves."""

SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """Processes of pytest share the machine, but while a test of ALONE runs the others wait."""
    run = getattr(item.config, "workerinput", {}).get("testrunuid")
    if run is None:
        return (yield)
    lock = ReadWriteLock(Path(tempfile.gettempdir()) / f"tuner-tests-{run}.db")
    is_alone = not set(ALONE).isdisjoint(item.path.parts)
    with lock.write_lock() if is_alone else lock.read_lock():
        return (yield)


@pytest.fixture(autouse=True)
def graph_rewriting():
    """What the engine has chosen for a process must not reach the next test."""
    yield
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture
def shared_data():
    """The folder of real data beside the project; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no data at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def postgres(postgres_server, ends_of_connections):
    """A real Postgres; tests that need it skip where its programs are absent."""
    return postgres_server


@pytest.fixture
def ends_of_connections(monkeypatch):
    """Connections end with the test that opened them."""
    from tuner.storage.rdb import Database

    opened, begin = [], Database.__init__

    def remember(self, *given):
        begin(self, *given)
        opened.append(self)

    monkeypatch.setattr(Database, "__init__", remember)
    yield
    for database in opened:
        database.engine.dispose()


@pytest.fixture(scope="session")
def postgres_server():
    if _postgres.binaries() is None:
        pytest.skip("no Postgres on this machine (initdb)")
    server = _postgres.Server()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request, tmp_path):
    """The URL of an empty store, on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return request.getfixturevalue("postgres").url()


@pytest.fixture
def npz(tmp_path):
    """A learnable problem of three classes in 300 rows, as a file."""
    generator = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = generator.normal(size=(300, 6)) + 1.5 * np.eye(3)[y] @ generator.normal(size=(3, 6))
    path = tmp_path / "three.npz"
    np.savez(path, x=x.astype("float32"), y=y)
    return path


@pytest.fixture
def tiny(npz):
    """A definition whose trials take some hundredths of a second."""
    table = {
        "name": "tiny",
        "data": str(npz),
        "space": {"width": [8, 16], "depth": 1},
        "training": {"epochs": 3, "batch_size": 50, "learning_rate": 0.01},
        "search": {"trials": 6},
    }
    return StudyDefinition.parse(table, "test")
