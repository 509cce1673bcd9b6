"""tuner variants, models, datasets: what can be named, and what it is."""

import pytest

from tuner.cli.main import run


@pytest.mark.parametrize("command", ["variants", "models", "datasets"])
def test_what_can_be_named_is_listed(command, capsys):
    assert run([command]) == 0
    assert run([command, "--json"]) == 0


def test_a_variant_tells_its_hyperparameters(capsys):
    assert run(["variants", "scheduled"]) == 0
    out = capsys.readouterr().out
    assert "follows a schedule" in out
    assert "0.1 to 0.5, where shape is early_linear or early_constant or late" in out
    assert run(["variants", "schedule"]) == 2
    assert "did you mean 'scheduled'" in capsys.readouterr().err
