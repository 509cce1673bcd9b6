"""What is shown where studies come and go."""

import json

import optuna
import pytest
from simulated.stored import make_study
from werkzeug.test import Client

from tuner.dashboard import app
from tuner.dashboard.app import Board


def ask(board):
    answer = Client(board).get("/api/studies/1")
    return json.loads(answer.data)


def test_a_study_made_anew_is_not_mixed_with_the_one_it_replaces(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "_LOOK", 0.0)
    url = f"sqlite:///{tmp_path}/s.db"
    store = make_study(url, 30, 3, seed=1)
    board = Board(url)
    before = ask(board)
    optuna.delete_study(study_name="simulated", storage=store)
    assert ask(board) == {"reason": "study_id=1 is not found"}
    make_study(url, 10, 3, seed=2, hours=1)
    after = ask(board)
    assert len(before["trials"]) == 30
    assert len(after["trials"]) == 10
    assert after["trials"][0]["trial_id"] == before["trials"][0]["trial_id"]
    assert after["trials"][3]["user_attrs"] != before["trials"][3]["user_attrs"]


def test_what_has_not_changed_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "_LOOK", 0.0)
    url = f"sqlite:///{tmp_path}/s.db"
    make_study(url, 10, 3)
    board = Board(url)
    storage = board.storage
    assert ask(board) == ask(board)
    assert board.storage is storage


def test_trials_are_counted(tmp_path):
    url = f"sqlite:///{tmp_path}/s.db"
    make_study(url, 10, 3)
    assert [Board(url).count(study) for study in (1, 2)] == [10, 0]


@pytest.mark.parametrize("alive", [True, False])
def test_a_store_that_is_gone_is_not_alive(tmp_path, alive):
    path = tmp_path / "s.db"
    make_study(f"sqlite:///{path}", 1, 1)
    board = Board(f"sqlite:///{path}")
    if not alive:
        path.unlink()
    assert board.is_alive() is alive
