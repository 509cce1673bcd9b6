"""What the tests share: a quiet TensorFlow, tiny data, and a study that runs in a second."""

import contextlib
import fcntl
import gc
import os
import shutil
import signal
import sys

from _places import ROOT

os.environ["KERAS_BACKEND"] = os.environ.get("TUNER_TEST_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # a search of a test has one worker process
import _postgres
import _tiny
import pytest

gc.disable()  # until all is imported, which leaves no garbage

# A shell lets background jobs ignore Ctrl-C, and so would the processes that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = ROOT.parent / "shared" / "data"


LONG = ("workers", "system", "cli", "comparison", "training", "dropout", "storage")
"""Rooms whose files take long: they begin first, so that both processes end together."""


def pytest_collection_modifyitems(items):
    def rank(item):
        room = item.path.relative_to(ROOT / "tests").parts[0]
        return LONG.index(room) if room in LONG else len(LONG)

    items.sort(key=rank)


def pytest_collection_finish():
    """Half a million objects of libraries are not looked through after each test."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def graph_rewriting(request):
    """What the engine has chosen for a process must not reach the next test.

    Quick tests begin without rewriting, which takes longer than their tiny graphs then save.
    """
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        quick = request.node.get_closest_marker("slow") is None
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": quick})


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
def empty_url(request, tmp_path):
    """The URL of an empty database, on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return request.getfixturevalue("postgres").url()


@pytest.fixture(scope="session")
def store_template(tmp_path_factory):
    """A file with the tables of a store, to be copied: making them takes five times as long."""
    from tuner.storage.connect import open_storage

    path = tmp_path_factory.mktemp("template") / "store.db"
    open_storage(f"sqlite:///{path}", create=True).database.engine.dispose()
    return path


@pytest.fixture
def new_store(store_template):
    """Give the URL of a store without studies at a path."""

    def new_store(path):
        shutil.copy(store_template, path)
        return f"sqlite:///{path}"

    return new_store


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request, tmp_path, new_store):
    """The URL of a store without studies, on both databases."""
    if request.param == "sqlite":
        return new_store(tmp_path / "store.db")
    return request.getfixturevalue("postgres").store()


@pytest.fixture
def npz(tmp_path):
    """A learnable problem of three classes in 300 rows, as a file."""
    return _tiny.three_classes(tmp_path / "three.npz")


@pytest.fixture(scope="session")
def made_once(request, tmp_path_factory):
    """Give the folder of a name, which a function fills for all processes of this run."""
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent

    def made_once(name, fill):
        folder, finished = shared / name, shared / f"{name}.finished"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not finished.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                finished.touch()
        return folder

    return made_once


@pytest.fixture(scope="session")
def searched_folder(made_once):
    """The folder of a search of eight trials, with two variants beside the baselines."""
    from tuner.cli.main import run

    def fill(folder):
        _tiny.three_classes(folder / "three.npz")
        study = ["--name", "mine", "--data", "three.npz", "--width", "8", "--epochs", "3"]
        search = ["--trials", "8", "--seed", "0", "--pruner", "none", "-q"]
        variants = ["--variant", "none", "--variant", "standard", "--variant", "gaussian"]
        with contextlib.chdir(folder):
            assert run(["search", *study, *search, *variants]) == 0

    return made_once("searched", fill)


@pytest.fixture(scope="session")
def compared_folder(searched_folder, made_once):
    """The folder of that search, compared with three seeds."""
    from tuner.cli.main import run

    def fill(folder):
        shutil.copytree(searched_folder, folder, dirs_exist_ok=True)
        with contextlib.chdir(folder):
            assert run(["compare", "mine", "--seeds", "3", "-q"]) == 0

    return made_once("compared", fill)


@pytest.fixture
def searched(searched_folder, tmp_path, monkeypatch):
    """The current folder is a copy of `searched_folder`."""
    monkeypatch.chdir(shutil.copytree(searched_folder, tmp_path, dirs_exist_ok=True))
    return tmp_path


@pytest.fixture
def compared(compared_folder, tmp_path, monkeypatch):
    """The current folder is a copy of `compared_folder`."""
    monkeypatch.chdir(shutil.copytree(compared_folder, tmp_path, dirs_exist_ok=True))
    return tmp_path


@pytest.fixture
def tiny(npz):
    """A definition whose trials take some hundredths of a second."""
    return _tiny.definition_of(npz)
