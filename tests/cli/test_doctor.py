"""tuner doctor: what is missing, and what it mends."""

import socket

from _compared import STORE, results

from tuner.cli.main import run
from tuner.storage import lease
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study


def test_doctor_finds_what_is_missing(capsys):
    assert run(["doctor"]) == 1
    assert "NOT OK" in capsys.readouterr().out
    assert run(["init"]) == 0
    assert run(["doctor"]) == 0


def test_doctor_finds_and_mends_the_trials_of_the_dead(submit, capsys, monkeypatch):
    submit("--trials", "2")
    study = load_study("mine", open_storage(STORE))
    monkeypatch.setattr(lease, "this_worker", lambda: f"{socket.gethostname()}:{2**22 + 1}")
    study.store.claim(study.id)
    capsys.readouterr()
    assert run(["doctor"]) == 1
    assert "the worker of trial 0 is gone; --fix hands back" in capsys.readouterr().out
    assert run(["doctor", "--fix"]) == 0
    assert "handed back" in capsys.readouterr().out
    assert run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "journal wal" in out
    assert "schema v" in out
    assert " s from that of the store" in out
    assert results().counts.waiting == 2
