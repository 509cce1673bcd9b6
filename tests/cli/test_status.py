"""tuner status: who works, what came to nothing, what is left."""

import json
import time

import pytest
from _cli import Running, tuner
from _compared import STORE

from tuner.cli.main import run
from tuner.storage import lease
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study


def test_status_shows_workers_retries_and_what_is_left(submit, capsys, monkeypatch):
    submit("--trials", "3")
    study = load_study("mine", open_storage(STORE))
    study.store.claim(study.id)
    study.store.retry("no luck")
    study.store.claim(study.id)
    capsys.readouterr()
    assert run(["status", "mine"]) == 0
    out = capsys.readouterr().out
    assert lease.this_worker() in out
    assert "0 of 3 trials finished. 1 attempts came to nothing." in out
    assert run(["status", "mine", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["budget"] == 3
    assert document["retries"] == 1
    assert document["workers"][0]["worker"] == lease.this_worker()
    assert document["workers"][0]["stale"] is False
    assert document["trials"]["running"] == 1


def test_status_watch_ends_with_the_study(searched, capsys):
    capsys.readouterr()
    assert run(["status", "mine", "--watch"]) == 0
    assert capsys.readouterr().out == "8 of 8 trials finished.\n"


@pytest.mark.slow
def test_status_watch_follows_what_others_do(tmp_path, npz):
    flags = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "2"]
    assert run(["submit", "--name", "mine", "--data", str(npz), *flags]) == 0
    watch = Running("status", "mine", "--watch")
    until = time.monotonic() + 60
    while watch.stdout != "0 of 2 trials finished.\n":
        assert time.monotonic() < until
        time.sleep(0.1)
    assert tuner("worker", "mine", "-q").returncode == 0
    done = watch.finish()
    assert done.stdout.splitlines()[-1] == "2 of 2 trials finished."
    assert done.returncode == 0
