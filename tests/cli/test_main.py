"""The command line: one line and the right exit code for whatever goes wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tuner.cli.main import run

FAST = ["--epochs", "2", "--width", "8", "-q"]


def tuner(*arguments, timeout=120, **settings):
    command = [sys.executable, "-m", "tuner", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, **settings
    )


def write(name, **columns):
    np.savez(name, **columns)
    return name


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


BAD_DATA = {
    "a column that does not exist": ("a,b\n1,2\n3,4\n", ["--target", "c"], "unknown column 'c'"),
    "NaN": ("a,b\n1,2\n,4\n", [], "missing values (NaN)"),
    "one class": ("a,b\n1,x\n2,x\n", [], "only one class"),
    "no rows": ("a,b\n", [], "expected rows"),
    "one column": ("a\n1\n", [], "expected rows"),
}


@pytest.mark.parametrize(("text", "flags", "says"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data_give_one_line_and_exit_code_2(text, flags, says, capsys):
    assert run(["search", "--data", table("bad.csv", text), *flags]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert not Path("studies/tuner.db").exists()


BAD_FILES = {
    "text": ("bad.npz", b"no archive"),
    "an empty file": ("bad.npz", b""),
    "binary": ("bad.csv", bytes(range(256))),
    "a torn table": ("bad.parquet", b"PAR1 and no more"),
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES.values(), ids=BAD_FILES)
def test_damaged_files_give_one_line_and_exit_code_2(place, name, content, capsys):
    (place / name).write_bytes(content)
    assert run(["search", "--data", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_pickled_arrays_are_refused(capsys):
    write("objects.npz", x=np.array([{}, {}], dtype=object), y=np.array([0, 1]))
    assert run(["search", "--data", "objects.npz"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


STUDY_FILES = {
    "an unknown key": ("epochs = 3", "belongs in [training]"),
    "a wrong type": ("[training]\nepochs = '3'", "training.epochs: expected a valid integer"),
    "an empty list": ("[space]\nwidth = []", "at least one choice"),
    "a rate of one": ("[space]\nrate = 1.0", "0 <= rate < 1"),
    "an unknown variant": ("[space]\nvariant = ['gausian']", "did you mean 'gaussian'"),
    "hyperparameters of an unknown variant": (
        "[space.concrte]\nx = 1",
        "unknown variant 'concrte'",
    ),
    "an axis that nothing reads": ("[space]\nwidht = 3", "did you mean 'width'"),
    "no TOML": ("[space", "not TOML"),
}


@pytest.mark.parametrize(("text", "says"), STUDY_FILES.values(), ids=STUDY_FILES)
def test_a_bad_study_file_gives_one_line_and_exit_code_2(text, says, capsys):
    assert run(["search", table("own.toml", text)]) == 2
    err = capsys.readouterr().err
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
def test_a_bad_store_gives_one_line_without_password_and_exit_code_3(url, command, capsys):
    table("text.db", "this is no database at all, but a text of some length\n" * 20)
    assert run([command, "--storage", url]) == 3
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
