"""A study that is followed as JSON lines."""

import json

import pytest
from _cli import tuner
from _clocks import row, study

from tuner import logs
from tuner.api.json_lines import JsonLines
from tuner.api.progress import listening


@pytest.fixture
def said(monkeypatch):
    found = []
    monkeypatch.setattr(logs, "say", lambda event, message="", **f: found.append((event, f)))
    return found


def test_epochs_and_trials_say_what_they_are_of(said):
    lines = JsonLines("mine")
    lines.epoch(1, 3, 0.5)
    lines.trial(study(row(0), row(1, "FAIL", error="ValueError: no")), 1, 1)
    (epoch, first), (trial, second) = said
    assert (epoch, first) == ("epoch", {"study": "mine", "trial": 1, "epoch": 3, "value": 0.5})
    assert (trial, second["state"], second["error"]) == ("trial", "fail", "ValueError: no")
    assert (second["study"], second["trial"], second["finished"]) == ("mine", 1, 1)


def test_they_are_what_is_shown_where_they_are_asked_for(monkeypatch):
    monkeypatch.setenv(logs.NAME, "json")
    with listening(quiet=False) as listen:
        assert isinstance(listen("mine"), JsonLines)
    with listening(quiet=True) as listen:
        assert not isinstance(listen("mine"), JsonLines)


@pytest.mark.slow
def test_all_that_a_worker_says_is_json(tmp_path, npz):
    def said(*arguments):
        done = tuner(*arguments, cwd=tmp_path)
        return done.returncode, done.stderr.splitlines()

    small = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "3"]
    assert said("submit", "--data", npz, "--name", "mine", *small)[0] == 0
    code, lines = said("worker", "mine", "--log-format", "json")
    found = [json.loads(line) for line in lines]
    assert code == 0
    ended = [each for each in found if each.get("event") == "trial"]
    assert sorted(each["trial"] for each in ended) == [0, 1, 2]
    for each in ended:
        own = [e for e in found if e.get("event") == "epoch" and e["trial"] == each["trial"]]
        assert [e["epoch"] for e in own] == [1, 2]
        assert each["worker"] == f"{each['host']}:{each['process']}"
    assert found[-1]["message"] == "3 trials ended here"
    code, lines = said("worker", "other", "--log-format", "json")
    assert code != 0
    assert json.loads(lines[-1])["level"] == "error"
