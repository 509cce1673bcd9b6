"""A search that has ended, for the tests that look at what it left."""

import shutil

import _tiny
import pytest
from _searches import MODEL, run

from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study


@pytest.fixture
def place(tmp_path, monkeypatch, new_store):
    """The current folder, with a store and a model that may fail."""
    monkeypatch.chdir(tmp_path)
    new_store(tmp_path / "store.db")
    (tmp_path / "worker_model.py").write_text(MODEL)
    return tmp_path


@pytest.fixture(scope="session")
def finished_folder(made_once, store_template):
    """The folder of a search that has ended."""

    def fill(folder):
        shutil.copy(store_template, folder / "store.db")
        run(folder, _tiny.definition_of(_tiny.three_classes(folder / "three.npz")))

    return made_once("finished", fill)


@pytest.fixture
def finished(finished_folder, place):
    """The results of that search, in a folder of this test's own."""
    shutil.copytree(finished_folder, place, dirs_exist_ok=True)
    return read(load_study("tiny", open_storage(f"sqlite:///{place}/store.db")))
