"""Options from the environment."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:9/x", "postgresql://me@127.0.0.1:9/x?password=secret"]
)
def test_a_password_in_a_command_is_warned_about_and_not_repeated(url, monkeypatch, capsys):
    run(["studies", "--storage", url])
    said = capsys.readouterr().err
    assert "TUNER_STORAGE_PASSWORD_FILE" in said
    assert "secret" not in said
    monkeypatch.setenv("TUNER_STORAGE", url)
    run(["studies"])
    assert "Warning" not in capsys.readouterr().err


def test_what_is_made_is_private_and_what_is_there_keeps_its_mode(tmp_path):
    (tmp_path / "studies").mkdir(0o755)
    for name in ("studies", "new"):
        command = [sys.executable, "-m", "tuner", "init", "--storage", f"sqlite:///{name}.db"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert stat.S_IMODE((tmp_path / "studies").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_the_folder_of_the_default_store_is_private(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert stat.S_IMODE(Path("studies").stat().st_mode) == 0o700
