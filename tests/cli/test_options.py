"""Options from the environment."""

from pathlib import Path

from tuner.cli.main import run

FAST = ["--epochs", "2", "--width", "8"]


def test_options_are_read_from_the_environment(npz, monkeypatch, capsys):
    monkeypatch.setenv("TUNER_TRIALS", "2")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///of_optuna.db")
    assert run(["submit", "--data", str(npz), *FAST]) == 0
    out = capsys.readouterr().out
    assert "0 of 2 trials finished" in out
    assert "of_optuna.db" in out


def test_our_storage_variable_comes_before_that_of_optuna(monkeypatch):
    monkeypatch.setenv("TUNER_STORAGE", "sqlite:///ours.db")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///theirs.db")
    assert run(["init"]) == 0
    assert Path("ours.db").exists()
    assert not Path("theirs.db").exists()
