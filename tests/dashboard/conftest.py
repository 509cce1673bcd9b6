"""Dashboards that run: one that is closed and read-only, one that is open and writable."""

import shutil

import pytest
from _dashboard import PASSWORD, Dashboard, fill
from simulated.stored import make_study
from werkzeug.security import generate_password_hash

from tuner.storage.connect import open_storage


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A folder with a store of a small study (1) and a large one (2), and artifacts."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture(scope="session")
def closed(filled):
    """With a login whose hash is in a file, read-only."""
    secret = filled / "password"
    secret.write_text(generate_password_hash(PASSWORD, "scrypt:1024:8:1") + "\n")
    secret.chmod(0o600)
    options = ("--password-file", secret, "--artifacts", filled / "artifacts")
    dashboard = Dashboard(f"sqlite:///{filled}/store.db", *options)
    yield dashboard
    dashboard.end()


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Without a login, writable, on a store that is not there yet."""
    folder = tmp_path_factory.mktemp("opened")
    dashboard = Dashboard(f"sqlite:///{folder}/new.db", "--writable", "--every", "0")
    yield dashboard
    dashboard.end()


@pytest.fixture(scope="session")
def simulated_file(tmp_path_factory):
    """A store with a study of 150 trials."""
    path = tmp_path_factory.mktemp("simulated") / "s.db"
    make_study(f"sqlite:///{path}", 150, 4).database.engine.dispose()
    return path


@pytest.fixture
def simulated(simulated_file, tmp_path):
    """Such a store of this test's own."""
    return open_storage(f"sqlite:///{shutil.copy(simulated_file, tmp_path / 's.db')}")
