"""tuner launch: an engine is told, shown and stopped."""

import json

import pytest
from _engines import bring

from tuner.cli.main import run


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bring(tmp_path, monkeypatch)
    return tmp_path


def told(place):
    return json.loads((place / "told.json").read_text())


def test_an_engine_is_told_shows_its_workers_and_ends_them(place, capsys):
    url = ["--storage", "sqlite:///s.db"]
    where = ["--on", "paper", "--workers", "2", "--gpus", "0.5", "--memory", "4G", "--time", "90m"]
    more = ["--cores", "3", "--address", "there", "--set", "a=1", "--set", "b=x=y"]
    assert run(["launch", "mine", *where, *more, *url]) == 0
    assert "mine: 2 workers on paper (p1, p2)" in capsys.readouterr().out
    assert told(place) == {
        "command": ["worker", "mine", "--heartbeat", "15"],
        "n": 2,
        "storage": "sqlite:///s.db",
        "settings": {"a": "1", "b": "x=y"},
        "address": "there",
        "resources": {"cores": 3, "gpus": 0.5, "memory": 4096, "seconds": 5400},
    }
    assert run(["launch", "mine", "--state", "--json"]) == 0
    row = {"engine": "paper", "worker": "p1", "state": "running", "on": "paper"}
    assert json.loads(capsys.readouterr().out) == [row, row | {"worker": "p2"}]
    assert run(["launch", "mine", "--stop"]) == 0
    assert "2 workers on paper ended" in capsys.readouterr().out
    assert run(["launch", "mine", "--state"]) == 2
    assert "nothing was launched for study 'mine'" in capsys.readouterr().err


def test_what_an_engine_would_be_given_is_printed_and_nothing_started(place, capsys):
    assert run(["launch", "mine", "--on", "paper", "--workers", "5", "--render"]) == 0
    assert capsys.readouterr().out == "5 on paper\n"
    assert not (place / "told.json").exists()
    assert not (place / "studies").exists()


def test_a_study_that_is_not_in_the_store_starts_no_worker(place, npz, capsys):
    small = ["--epochs", "1", "--width", "8", "--variant", "standard", "--trials", "1"]
    assert run(["submit", "--data", str(npz), "--name", "mine", *small]) == 0
    assert run(["launch", "yours", "--on", "paper"]) == 2
    assert "'yours' is not in the store" in capsys.readouterr().err
    assert not (place / "told.json").exists()
    assert run(["launch", "mine", "--on", "paper"]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--on says where"),
        (["--on", "papre"], "did you mean 'paper'"),
        (["--on", "paper", "--state", "--stop"], "three commands"),
    ],
)
def test_what_is_missing_or_too_much_is_said(place, capsys, arguments, words):
    assert run(["launch", "mine", *arguments]) == 2
    assert words in capsys.readouterr().err
