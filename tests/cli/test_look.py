"""tuner status, studies, trials, best: what they show of a study."""

import json

import pytest

from tuner.cli.main import run

COMMANDS = [["status", "mine"], ["studies"], ["trials", "mine"], ["best", "mine"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_that_looks_works_on_a_study(searched, command, capsys):
    capsys.readouterr()
    assert run(command) == 0
    assert "mine" in command or "mine" in capsys.readouterr().out
    capsys.readouterr()
    assert run([*command, "--json"]) == 0
    json.loads(capsys.readouterr().out)


READS = [*COMMANDS, ["claims", "mine"], ["best", "mine", "--code"], ["replay", "mine", "1"]]
OUT = [["plot", "mine", "answer", "--out", "o"], ["report", "mine", "--out", "o.html"]]


@pytest.mark.parametrize("command", [*READS, *OUT], ids=lambda command: command[0])
def test_what_only_looks_needs_no_store_that_can_be_written(compared, command, monkeypatch):
    monkeypatch.setenv("TUNER_STORAGE", "sqlite:///file:studies/tuner.db?mode=ro&uri=true")
    before = (compared / "studies/tuner.db").read_bytes()
    assert run(command) == 0
    assert (compared / "studies/tuner.db").read_bytes() == before


def test_claims_are_shown_where_they_cannot_be_written(compared, capsys, monkeypatch):
    (compared / "studies/mine/compare/claims.json").mkdir()
    assert run(["claims", "mine"]) == 0
    said = capsys.readouterr()
    assert "not written: studies/mine/compare/claims.json: Is a directory" in said.err
    assert said.out
