"""Slurm itself, a controller and two nodes on this machine: its workers are struck by it."""

import os
import re
import shutil
import subprocess
from datetime import datetime, timedelta

import pytest
from _launched import Launched
from _places import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LAB = ROOT.parent / "shared" / "tools" / "slurm-lab"


def ask(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def slurm():
    """The settings by which sbatch finds the controller; a test's own one ends with the tests."""
    if not os.access(LAB, os.X_OK):
        pytest.skip("no Slurm can be made here: ../shared/tools/slurm-lab is absent")
    up = subprocess.run([LAB, "up"], capture_output=True, text=True, check=False)
    settings = ask(LAB, "env").removeprefix("export SLURM_CONF=").strip()
    environment = {**os.environ, "SLURM_CONF": settings}
    if (
        not shutil.which("sinfo")
        or subprocess.run("sinfo", env=environment, check=False).returncode
    ):
        pytest.skip(f"no Slurm can be made here: {up.stderr[-300:]}")
    yield settings
    if up.returncode == 0:  # else it was there before
        ask(LAB, "down")


@pytest.fixture
def launched(slurm, url, npz, monkeypatch):
    monkeypatch.setenv("SLURM_CONF", slurm)
    launched = Launched("slurm", url, npz, "--time", "1h", "--set", "signal=B:USR1@10")
    launched.start(2)
    yield launched
    launched.stop()


def hasten():
    """Those that wait for a second start need not wait two minutes, as Slurm has it.

    In the same second it would refuse them: that is what it waits for.
    """
    soon = datetime.now() + timedelta(seconds=30)
    waiting = ask("squeue", "--noheader", "--array", "--states=PENDING", "--format=%F_%K %S")
    for job, start in (line.split() for line in waiting.splitlines()):
        if start != "N/A" and datetime.fromisoformat(start) > soon:
            ask("scontrol", "update", f"jobid={job}", "starttime=now+3")


def limit(task):
    """Let the time of a task be over in this minute."""
    elapsed = ask("squeue", "--noheader", f"--jobs={task}", "--format=%M").strip()
    minutes = sum(int(n) * 60**i for i, n in enumerate(elapsed.split(":")[-2::-1])) + 1
    ask("scontrol", "update", f"jobid={task}", f"timelimit={minutes}")


def test_forty_trials_end_once_whatever_slurm_does(launched, here, capsys):
    def restarts(task):
        found = ask("scontrol", "show", "job", task)
        return int(re.search(r"Restarts=(\d+)", found)[1])

    def is_over():
        hasten()
        return {each["state"] for each in launched.states(capsys)} == {"ended"}

    def run_out():
        launched.wait(lambda: len(launched.alive()) == 1)
        limit(second)
        launched.wait(lambda: restarts(second) == 1)

    launched.wait_for(2)
    first, second = (each["worker"] for each in launched.states(capsys))
    launched.strike("killed by Slurm", lambda: ask("scontrol", "requeue", first))
    launched.strike("out of time", lambda: launched.held(run_out))
    launched.wait(lambda: hasten() or launched.n_finished() >= 8)
    launched.strike("killed", launched.kill)
    launched.wait(is_over)
    launched.check()
    assert sum(map(restarts, (first, second))) >= 3  # a limit that was changed stays
    logs = "".join(path.read_text() for path in here.glob("slurm-*.out"))
    ended = re.findall(r"trial (\d+) complete", logs)
    assert len(ended) == len(set(ended)) >= 39
