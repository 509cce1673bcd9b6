"""tuner store: what it says, and what comes through a pipe."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tuner.cli.main import run


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, npz, new_store):
    """A folder with a store in which a study waits."""
    monkeypatch.chdir(tmp_path)
    Path("studies").mkdir()
    new_store(tmp_path / "studies" / "tuner.db")
    small = ["--width", "8", "--variant", "standard", "--trials", "2"]
    assert run(["submit", "--data", str(npz), "--name", "mine", *small]) == 0


def test_a_backup_is_checked_and_restored(capsys):
    assert run(["store", "backup", "copy.db"]) == 0
    assert "copy.db: 1 studies, 2 trials" in capsys.readouterr().err
    assert run(["store", "restore", "copy.db", "--storage", "sqlite:///other.db"]) == 0
    assert run(["store", "check", "--storage", "sqlite:///other.db", "--json"]) == 0
    assert all(each["ok"] for each in json.loads(capsys.readouterr().out))
    assert run(["store", "restore", "copy.db"]) == 3
    assert "restore into an empty store" in capsys.readouterr().err


def test_a_check_that_fails_says_so(capsys):
    Path("studies/tuner.db").write_bytes(b"no database")
    assert run(["store", "check"]) == 1
    out, err = capsys.readouterr()
    assert "NOT OK" in out
    assert err == "Error: the store is not as it should be: see above\n"


def test_a_store_of_this_optuna_is_not_upgraded(capsys):
    assert run(["store", "upgrade"]) == 0
    assert "has the tables of this Optuna" in capsys.readouterr().out
    assert not list(Path("studies").glob("*.before*"))


@pytest.mark.slow
def test_a_backup_goes_through_a_pipe():
    def tuner(*arguments, given=b""):
        command = [sys.executable, "-m", "tuner", "store", *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    copy = tuner("backup", "-")
    assert copy.startswith(b"SQLite format 3\0")
    tuner("restore", "-", "--storage", "sqlite:///other.db", given=copy)
    assert b"Look at schema" in tuner("check", "--help")
