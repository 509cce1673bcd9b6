"""The job array of Slurm: its script, run without Slurm, and what its programs are asked."""

import os
import re
import signal
import subprocess
import time

import pytest
from _waiting import wait_for

from tuner.errors import TunerError, UsageError
from tuner.launch.engine import Launch
from tuner.launch.slurm import Slurm

LAUNCH = Launch("slurm", "mine", 3, ("77",))
LISTED = "77_0|RUNNING|n1\n77_1|PENDING|\n77_2|TIMEOUT|n2\n"


def options(text):
    return dict(re.findall(r"^#SBATCH --([\w-]+)=?(.*)$", text, re.MULTILINE))


def test_the_array_has_what_was_asked_for(order):
    given = order(32, cores=4, gpus=1, memory=8192, seconds=7290, partition="gpu", requeue="")
    found = options(Slurm().render(given))
    assert found == {
        "job-name": "tuner-mine",
        "array": "0-31",
        "cpus-per-task": "4",
        "gpus": "1",
        "mem": "8192M",
        "time": "2:01:30",
        "signal": "B:USR1@60",
        "requeue": "",
        "open-mode": "append",
        "partition": "gpu",
    }


def test_what_is_set_wins(order):
    found = options(Slurm().render(order(seconds=60, **{"job-name": "own", "signal": "B:USR1@9"})))
    assert (found["job-name"], found["signal"]) == ("own", "B:USR1@9")


def test_no_url_is_in_the_script_and_a_part_of_a_gpu_is_refused(order):
    assert "postgresql" not in Slurm().render(order())
    with pytest.raises(UsageError, match="whole ones"):
        Slurm().render(order(gpus=0.5))


def test_sbatch_is_given_the_script_and_says_the_id(programs, order):
    programs.add("sbatch", says="77;far\n")
    assert Slurm().start(order(address="far")) == ("77",)
    assert programs.told("sbatch") == ["--parsable --clusters=far"]
    assert programs.input("sbatch") == Slurm().render(order())


def test_the_state_of_each_task_is_said_and_what_slurm_has_forgotten_has_ended(programs):
    programs.add("squeue", says=LISTED)
    found = [(each.id, each.condition, each.place) for each in Slurm().state(LAUNCH)]
    waiting = ("77_1", "waiting", "")
    assert found == [("77_0", "running", "n1"), waiting, ("77_2", "failed", "n2")]
    programs.add("squeue", says="slurm_load_jobs error: Invalid job id specified", code=1)
    assert {each.condition for each in Slurm().state(LAUNCH)} == {"ended"}
    programs.add("squeue", says="Unable to contact slurm controller", code=1)
    with pytest.raises(TunerError, match="Unable to contact"):
        Slurm().state(LAUNCH)


def test_what_runs_is_told_and_what_waits_is_cancelled(programs):
    programs.add("squeue", says=LISTED)
    programs.add("scancel")
    Slurm().stop(LAUNCH)
    assert programs.told("scancel") == ["77_1", "--signal=TERM --batch 77_0"]
    programs.add("scancel", says="Access denied", code=1)
    with pytest.raises(TunerError, match="Access denied"):
        Slurm().stop(LAUNCH)


WORKER = "bash -c 'trap \"exit 0\" TERM; touch ready; while :; do sleep 0.05; done'"
TASK = {"SLURM_ARRAY_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "1"}


@pytest.fixture
def script(programs, order, tmp_path):
    """Run the script, with a worker that ends when it is told to, or as given."""
    programs.add("scontrol")

    def script(worker=WORKER, **environment):
        text = re.sub(
            r"^.* -m tuner worker mine", lambda _: worker, Slurm().render(order()), flags=re.M
        )
        assert worker in text
        path = tmp_path / "script"
        path.write_text(text)
        given = {**os.environ, **TASK, **environment}
        return subprocess.Popen(["bash", path], cwd=tmp_path, env=given)

    return script


@pytest.mark.parametrize(
    ("number", "requeued"), [(signal.SIGUSR1, ["requeue 77_1"]), (signal.SIGTERM, [])]
)
def test_before_the_limit_the_worker_is_told_and_the_task_queued_again(
    script, programs, tmp_path, number, requeued
):
    process = script()
    wait_for((tmp_path / "ready").exists)
    time.sleep(0.1)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert programs.told("scontrol") == requeued


@pytest.mark.parametrize(
    ("restarts", "code", "requeued"), [("0", 0, ["requeue 77_1"]), ("10", 137, [])]
)
def test_a_worker_that_is_killed_comes_back_some_times(script, programs, restarts, code, requeued):
    process = script("bash -c 'kill -9 $$'", SLURM_RESTART_COUNT=restarts)
    assert process.wait(10) == code
    assert programs.told("scontrol") == requeued


def test_a_worker_that_fails_has_failed(script, programs):
    assert script("bash -c 'exit 3'").wait(10) == 3
    assert programs.told("scontrol") == []
