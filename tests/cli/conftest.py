"""Every test of the command line has a folder of its own, and no store but that there."""

import pytest


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("TUNER_STORAGE", "OPTUNA_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
