"""tuner delete: what it removes, and that it asks; which study is meant without a name."""

import io
from pathlib import Path

import _made_studies
import _pages
import optuna
import pytest

from tuner.cli.main import run
from tuner.study.studies import latest


@pytest.mark.slow
def test_delete_removes_the_study_from_the_store(searched):
    assert run(["delete", "mine", "--yes"]) == 0
    assert run(["status", "mine"]) == 2


@pytest.fixture
def three(tmp_path, monkeypatch):
    """A store of three studies."""
    monkeypatch.chdir(tmp_path)
    Path("studies").mkdir()
    store = optuna.storages.RDBStorage("sqlite:///studies/tuner.db")
    for name in ("first", "second", "third"):
        _made_studies.study(*_pages.trials(8), name=name, store=store)


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_delete_without_a_yes_removes_nothing_and_says_so(three, monkeypatch, capsys, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert run(["delete", "second"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("nothing was deleted")
    assert run(["status", "second"]) == 0


@pytest.mark.parametrize("command", ["status", "best", "trials"])
def test_without_a_name_it_is_the_latest_study_and_that_is_said(three, capsys, command):
    assert run([command]) == 0
    assert capsys.readouterr().err == "study third, the latest of the store\n"
    assert run(["delete", "third", "--yes"]) == 0
    assert run([command]) == 0
    assert "study second, the latest" in capsys.readouterr().err


def test_a_comparison_is_no_study_to_look_at():
    store = optuna.storages.InMemoryStorage()
    for name in ("first", "second", "first/compare"):
        optuna.create_study(study_name=name, storage=store)
    assert latest(store) == "second"


def test_a_store_without_a_study_says_what_makes_one(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/new.db"
    assert run(["init", "--storage", url]) == 0
    assert run(["best", "--storage", url]) == 2
    assert "no study is in the store yet: 'tuner search' makes one" in capsys.readouterr().err
