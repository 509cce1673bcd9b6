"""Lines for whoever collects them."""

import json
import logging
import os
import socket

import pytest

from tuner import logs


@pytest.fixture
def lines(monkeypatch, capsys):
    """The objects that were logged since this was asked last."""
    monkeypatch.setenv(logs.NAME, "json")
    monkeypatch.setattr(logs.LOGGER, "handlers", [])
    monkeypatch.setattr(logs.LOGGER, "propagate", logs.LOGGER.propagate)
    level = logs.LOGGER.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logs.LOGGER.setLevel(level)


def test_a_line_says_when_where_and_what(lines):
    logs.begin()
    logs.say("epoch", study="s", trial=3, epoch=2)
    (found,) = lines()
    assert found["time"].endswith("+00:00")
    assert (found["host"], found["process"]) == (socket.gethostname(), os.getpid())
    assert (found["level"], found["message"], found["event"]) == ("info", "epoch", "epoch")
    assert (found["study"], found["trial"], found["epoch"]) == ("s", 3, 2)


def test_warnings_of_other_modules_and_tracebacks_are_lines_too(lines):
    logs.begin()
    logging.getLogger("tuner.storage").warning("trying %s\nagain", "it")
    try:
        raise ValueError("x")
    except ValueError:
        logging.getLogger("tuner").exception("it failed")
    first, second = lines()
    assert (first["level"], first["message"]) == ("warning", "trying it\nagain")
    assert second["traceback"].endswith("ValueError: x")


def test_where_nothing_else_is_asked_for_nothing_is_set(monkeypatch):
    monkeypatch.delenv(logs.NAME, raising=False)
    before = list(logs.LOGGER.handlers)
    logs.begin()
    assert logs.LOGGER.handlers == before
    assert not logs.is_json()
