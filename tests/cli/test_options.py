"""Options from the environment."""

import json
from pathlib import Path

from tuner.cli.main import run

FAST = ["--epochs", "2", "--width", "8", "-q"]


def test_options_are_read_from_the_environment(npz, monkeypatch, capsys):
    monkeypatch.setenv("TUNER_TRIALS", "2")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///of_optuna.db")
    assert run(["search", "--data", str(npz), "--json", *FAST]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trials"]["complete"] == 2
    assert "of_optuna.db" in document["storage"]


def test_our_storage_variable_comes_before_that_of_optuna(monkeypatch):
    monkeypatch.setenv("TUNER_STORAGE", "sqlite:///ours.db")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///theirs.db")
    assert run(["init"]) == 0
    assert Path("ours.db").exists()
    assert not Path("theirs.db").exists()
