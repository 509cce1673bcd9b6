"""Every test of the command line has a folder of its own, and no store but that there."""

import pytest
from _cli import submitter


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("TUNER_STORAGE", "OPTUNA_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def submit(place, npz, new_store):
    return submitter(place, npz, new_store)
