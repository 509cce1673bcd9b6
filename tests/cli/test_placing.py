"""Amounts with units, and settings of engines."""

import click
import pytest

from tuner.cli.main import run
from tuner.cli.placing import _MEGABYTES, _SECONDS, Amount


@pytest.mark.parametrize(
    ("units", "text", "amount"),
    [
        (_SECONDS, "90", 90),
        (_SECONDS, "90m", 5400),
        (_SECONDS, "2h", 7200),
        (_SECONDS, "1d", 86400),
        (_MEGABYTES, "512M", 512),
        (_MEGABYTES, "4G", 4096),
    ],
)
def test_an_amount_has_a_unit(units, text, amount):
    assert Amount("amount", units).convert(text, None, None) == amount


@pytest.mark.parametrize("text", ["0h", "-1", "2w", "h", "1.5h", "99999999h"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(click.BadParameter, match="no number with a unit of s, m, h, d"):
        Amount("time", _SECONDS).convert(text, None, None)


def test_a_setting_has_a_name_and_a_value(capsys):
    assert run(["launch", "mine", "--on", "local", "--set", "partition"]) == 2
    assert "'partition': expected NAME=VALUE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    ["--workers 3", "--gpus 1", "--memory 4G", "--address here", "--set training.epochs=2"],
)
def test_what_is_said_of_workers_is_refused_where_none_are_started(given, capsys):
    option = given.split()[0]
    for command in (["search", "--dry-run"], ["launch", "mine", "--state"]):
        assert run([*command, *given.split()]) == 2
        assert f"{option}: of workers" in capsys.readouterr().err


def test_a_variable_that_describes_workers_elsewhere_does_not_stop_a_search_here(monkeypatch):
    monkeypatch.setenv("TUNER_WORKERS", "3")
    assert run(["search", "--dry-run"]) == 0
