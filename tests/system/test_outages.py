"""The database is away while workers train and while they start: nothing is lost or blamed."""

from pathlib import Path

import pytest
from _cli import Running
from _waiting import wait_for

from tuner.cli.main import run
from tuner.storage.connect import PATIENCE_VARIABLE, open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study

pytestmark = pytest.mark.slow
SECONDS = 6.0
"""Longer than the four signs of life that a worker may miss."""

SLOWLY = """
import os, time
import keras
class Slowly(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        while not os.path.exists("go"):
            time.sleep(0.05)
        time.sleep(0.04 * os.path.exists("slow"))
def callbacks():
    return [Slowly()]
"""
"""Trials that wait to be let go, and then last longer than the outage if they are to be slow."""

STUDY = """
data = "{data}"
space = {{variant = "standard", width = [8], depth = 1}}
training = {{epochs = 300, callbacks = "slowly:callbacks"}}
search = {{trials = 3, pruner = "none"}}
"""


@pytest.fixture
def url(postgres, npz, tmp_path, monkeypatch):
    """A store in which a study waits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PATIENCE_VARIABLE, "60")
    url = postgres.store()
    (tmp_path / "slowly.py").write_text(SLOWLY)
    (tmp_path / "mine.toml").write_text(STUDY.format(data=npz))
    assert run(["submit", "mine.toml", "--storage", url]) == 0
    return url


@pytest.fixture
def begin(url):
    """Begin a worker; none is left behind."""
    begun = []

    def begin():
        begun.append(Running("worker", "--heartbeat", "1", "--storage", url))
        return begun[-1]

    yield begin
    for worker in begun:
        worker.end()


def trials(url):
    return read(load_study("mine", open_storage(url))).trials


def test_an_outage_costs_no_attempt(postgres, url, begin):
    Path("slow").touch()
    workers = [begin(), begin()]
    wait_for(lambda: sum(row.state == "RUNNING" for row in trials(url)) == 2)
    Path("go").touch()
    wait_for(lambda: sum(row.n_epochs > 1 for row in trials(url)) == 2)
    before = {row.number: row.worker for row in trials(url) if row.state == "RUNNING"}
    postgres.restart(SECONDS)
    late = begin()
    done = [worker.finish(150) for worker in (*workers, late)]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    found = trials(url)
    assert [(row.state, row.attempts) for row in found] == [("COMPLETE", 0)] * 3
    assert {row.number: row.worker for row in found if row.number in before} == before


def test_a_start_waits_for_the_database_as_a_run_does(postgres, url, begin):
    Path("go").touch()
    postgres.stop()
    try:
        worker = begin()
        worker.wait_until_said("; trying again for ")
    finally:
        postgres.start()
    assert worker.wait(200) == 0
    assert {row.state for row in trials(url)} == {"COMPLETE"}
