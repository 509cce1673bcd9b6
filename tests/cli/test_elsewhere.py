"""tuner search --on: submit, launch, follow, answer."""

import json

import pytest
from _compared import results
from _engines import bring

from tuner.cli import elsewhere
from tuner.cli.main import run

SMALL = ["--epochs", "2", "--width", "8", "--variant", "standard", "--name", "mine"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bring(tmp_path, monkeypatch)
    monkeypatch.setattr(elsewhere, "_ASK", 0.0)
    return tmp_path


@pytest.fixture
def search(place, npz):
    return lambda *more: run(["search", "--data", str(npz), *SMALL, *more])


def test_workers_that_end_too_early_are_said_and_those_that_are_there_go_on(search, place, capsys):
    (place / "ended").touch()
    assert search("--trials", "3", "--on", "paper", "--workers", "7") == 4
    told = capsys.readouterr().err
    assert "0 of 3 trials finished" in told
    assert "all 7 workers on paper have ended" in told
    assert json.loads((place / "told.json").read_text())["n"] == 7
    assert elsewhere._there("mine", "paper") is None
    (place / "ended").unlink()
    assert elsewhere._there("mine", "paper").n == 7
    assert elsewhere._there("mine", "slurm") is None


def test_what_says_nothing_to_an_engine_is_refused(search, place, capsys):
    assert search("--on", "paper", "--jobs", "2") == 2
    assert "--workers says how many" in capsys.readouterr().err
    assert search("--on", "compose") == 2
    assert "a store of its own" in capsys.readouterr().err
    assert not (place / "told.json").exists()


@pytest.mark.slow
def test_workers_of_an_engine_search_and_the_answer_is_said(search, capsys):
    assert search("--trials", "4", "--on", "local", "--workers", "2") == 0
    captured = capsys.readouterr()
    assert "4 of 4 trials finished." in captured.err
    assert captured.out.startswith("Answer: ")
    assert results().counts.finished == 4
    assert run(["launch", "mine", "--state"]) == 2
    assert search("--add", "1", "--on", "local") == 0
    assert results().counts.finished == 5
