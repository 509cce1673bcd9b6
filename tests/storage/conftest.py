"""Connections end with the test that opened them."""

import pytest

from tuner.storage.database import Database


@pytest.fixture(autouse=True)
def ends_of_connections(monkeypatch):
    opened, begin = [], Database.__init__

    def remember(self, *given):
        begin(self, *given)
        opened.append(self)

    monkeypatch.setattr(Database, "__init__", remember)
    yield
    for database in opened:
        database.engine.dispose()
