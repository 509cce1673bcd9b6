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
