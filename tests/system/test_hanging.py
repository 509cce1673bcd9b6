"""Models and data that hang, leave or crash: the trial fails, says where, and the search ends."""

import os
import signal
import time

import pytest
from _cli import Running
from _waiting import exists, wait_for

from tuner.errors import TunerError
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study

BAD = """
import ctypes, os, sys, time
import keras
class Bad(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        width = self.model.layers[1].units
        if width == 16:
            {does}
        if width == 8:
            ctypes.string_at(0)
        if width == 32:
            raise MemoryError("no room")
def callbacks():
    return [Bad()]
"""
WHERE = "bad.py, line {}, in on_epoch_begin"
DATA = """
import sys, time
def data():
    {data}
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def begin(npz, tmp_path, monkeypatch):
    """Begin a search whose model is bad at a width of 16; none is left behind."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def begin(does="pass", *options, data="pass", training="", widths=(16, 24), trials=3):
        (tmp_path / "bad.py").write_text(BAD.format(does=does))
        (tmp_path / "mine.py").write_text(DATA.format(data=data))
        source = npz if data == "pass" else "mine:data"
        (tmp_path / "three.toml").write_text(
            f'data = "{source}"\n[space]\nvariant = ["none", "standard"]\nwidth = {list(widths)}\n'
            f'depth = 1\n[training]\nepochs = 2\ncallbacks = "bad:callbacks"\n{training}\n'
            f'[search]\ntrials = {trials}\nsampler = "random"\n'
        )
        begun.append(Running("search", "three.toml", "--jobs", "1", *options))
        return begun[-1]

    yield begin
    for search in begun:
        search.end()


def trials():
    try:
        return read(load_study("three", open_storage("sqlite:///studies/tuner.db"))).trials
    except TunerError:  # not there yet
        return []


def failed():
    return [row for row in trials() if row.state == "FAIL"]


def test_a_trial_that_hangs_is_ended_from_outside_and_the_search_goes_on(begin):
    search = begin("time.sleep(600)", training="max_epoch_seconds = 3")
    done = search.finish(200)
    assert done.returncode == 0, done.stderr
    assert [row.attempts for row in failed()] == [0] * len(failed())
    reason = f"hung: no epoch for 3 s, its max_epoch_seconds ({WHERE.format(8)})"
    assert {row.error for row in failed()} == {reason}
    assert f"trial 2 {reason}: its process is ended" in done.stderr
    workers = {int(row.worker.rpartition(":")[2]) for row in failed()}
    assert not any(exists(worker) for worker in workers)


def test_code_that_leaves_or_crashes_fails_its_trial_with_file_and_line(begin):
    search = begin("os._exit(0)", widths=(8, 16, 24, 32), trials=8)
    search.wait(250)
    found = {row.params["width"]: (row.attempts, row.error) for row in failed()}
    given_up = "given up after 2 attempts: "
    assert found == {
        8: (2, f"{given_up}its process was ended by SIGSEGV at {WHERE.format(10)}"),
        16: (2, f"{given_up}its process exited (0) at {WHERE.format(8)}"),
        32: (2, f"{given_up}MemoryError: no room ({WHERE.format(12)})"),
    }


def test_code_that_exits_fails_its_trial_at_once(begin):
    search = begin("sys.exit(0)")
    done = search.finish(200)
    assert done.returncode == 0, done.stderr
    assert {(row.attempts, row.error) for row in failed()} == {
        (0, f"SystemExit: 0 ({WHERE.format(8)})")
    }


def test_a_timeout_holds_while_a_data_function_hangs_and_says_where(begin):
    began = time.monotonic()
    hang = "try:\n        time.sleep(600)\n    except Exception:\n        time.sleep(600)"
    done = begin("pass", "--timeout", "10", data=hang).finish()
    assert done.returncode == 4
    where = "(mine.py, line 5, in data)"
    assert done.stderr.strip().endswith(f"out of time: the data were still being read {where}")
    assert time.monotonic() - began < 60


def test_a_data_function_that_leaves_is_no_success(begin):
    done = begin(data="sys.exit(0)").finish()
    assert done.returncode == 2
    assert "SystemExit: 0 (mine.py, line 4, in data)" in done.stderr


def test_the_first_sigterm_ends_a_worker_whose_trial_hangs(begin):
    begin("time.sleep(600)")
    (hanging,) = wait_for(
        lambda: [t for t in trials() if t.state == "RUNNING" and t.params.get("width") == 16]
    )
    pid = int(hanging.worker.rpartition(":")[2])
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not exists(pid), 40)
