"""tuner delete: what it removes, and that it asks."""

import io

import pytest

from tuner.cli.main import run


@pytest.mark.slow
def test_delete_removes_the_study_from_the_store(searched):
    assert run(["delete", "mine", "--yes"]) == 0
    assert run(["status", "mine"]) == 2


@pytest.mark.slow
def test_delete_without_an_answer_removes_nothing(searched, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run(["delete", "mine"]) == 130
    assert run(["status", "mine"]) == 0
