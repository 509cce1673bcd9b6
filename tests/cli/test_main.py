"""The command line: one line and the right exit code for whatever goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from tuner.cli.main import run


def table(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


BAD_USAGE = {
    "an unknown option": (["search", "--trails", "5"], "trails"),
    "an unknown command": (["serach"], "serach"),
    "no trials": (["search", "--trials", "0"], "--trials"),
    "a negative epoch": (["search", "--epochs", "-1"], "--epochs"),
    "a rate of one": (["search", "--rate", "0.5", "1"], "0 <= rate < 1"),
    "rates upside down": (["search", "--rate", "0.5", "0.1"], "must not be above"),
    "a rate that is a word": (["search", "--rate", "low", "0.1"], "--rate"),
    "an unknown variant": (["search", "--variant", "gausian"], "'gaussian'"),
    "a variant that does not fit": (["search", "--variant", "spatial"], "'spatial' does not fit"),
    "an unknown study": (["search", "digit"], "'digits'"),
    "a missing study file": (["search", "own.toml"], "no such study file"),
    "an unknown data set": (["search", "--data", "minst"], "'mnist'"),
    "a missing data file": (["search", "--data", "nowhere.npz"], "no such data file"),
    "an unknown model": (["search", "--model", "mpl"], "'mlp'"),
    "a missing model file": (["search", "--model", "nowhere.keras"], "no such model file"),
    "an unknown metric": (["search", "--metric", "acuracy"], "'accuracy'"),
    "a metric of another task": (["search", "--metric", "rmse"], "for regression"),
    "an unknown sampler": (["search", "--sampler", "tpee"], "'tpe'"),
    "an unknown pruner": (["search", "--pruner", "halving"], "unknown pruner"),
    "a name with a path": (["search", "--name", "../x"], "no study name"),
    "a study with a path": (["search", "../x"], "no study name"),
    "a missing module": (["search", "--model", "nowhere:build"], "no module 'nowhere'"),
    "a target without a table": (["search", "--target", "x"], "--target"),
    "an unknown study to look at": (["status", "nothing"], "unknown study 'nothing'"),
    "an unknown study to export": (["export", "nothing"], "unknown study 'nothing'"),
    "an unknown study to delete": (["delete", "nothing", "--yes"], "unknown study 'nothing'"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD_USAGE.values(), ids=BAD_USAGE)
def test_bad_usage_gives_one_line_and_exit_code_2(arguments, says, capsys):
    assert run(["init", "--storage", "sqlite:///s.db"]) == 0
    capsys.readouterr()
    storage = ["--storage", "sqlite:///s.db"] if len(arguments) > 1 else []
    assert run([*arguments, *storage]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


BAD_STORES = {
    "no URL": "studies.db",
    "a folder that does not exist": "sqlite:///nowhere/s.db",
    "two slashes": "sqlite://s.db",
    "in memory": "sqlite://",
    "a file that is no database": "sqlite:///text.db",
    "an unknown database": "oracle9://x/y",
    "a database that does not answer": "postgresql+psycopg://me:secret@localhost:1/x",
}


@pytest.mark.parametrize("url", BAD_STORES.values(), ids=BAD_STORES)
@pytest.mark.parametrize("command", ["studies", "init"])
def test_a_bad_store_gives_one_line_without_password_and_exit_code_3(
    url, command, capsys, monkeypatch
):
    monkeypatch.setenv("TUNER_STORAGE", url)
    table("text.db", "this is no database at all, but a text of some length\n" * 20)
    assert run([command]) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "secret" not in err


def test_a_mistyped_store_is_not_created(place):
    assert run(["status", "--storage", "sqlite:///typo.db"]) == 3
    assert not (place / "typo.db").exists()


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m tuner variants | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
