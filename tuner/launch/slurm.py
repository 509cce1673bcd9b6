"""Slurm: a job array, by sbatch, which every cluster has.

A package in between (submitit) would pickle functions and keep a folder of its own for them; a
worker is a command, and what is left is one script.
"""

import shlex
import sys
from collections.abc import Iterator

from tuner.errors import TunerError, UsageError
from tuner.launch.asking import ask
from tuner.launch.engine import Condition, Launch, Order, Worker

_MOST_RESTARTS = 10
"""Of a worker that died without being told to."""

_GRACE = 60
"""Seconds before the limit of its time at which a worker hears of it."""

_SCRIPT = """\
again= told=
trap 'again=yes; kill -TERM "$worker"' USR1
trap 'told=yes; kill -TERM "$worker"' TERM
{command} &
worker=$!
while :; do
  wait "$worker"; code=$?
  kill -0 "$worker" 2>/dev/null || break
done
if [ "$code" -gt 128 ] && [ -z "$told" ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {most} ]; then
  again=yes
fi
[ -z "$again" ] || exec scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID"
exit "$code"
"""
"""USR1 comes before the limit: the trial goes back, and the task waits in line again.

The id of the last task of an array is that of the array, which stands for all its tasks.
"""

_CONDITIONS: dict[str, Condition] = {
    "PENDING": "waiting",
    "REQUEUED": "waiting",
    "REQUEUE_HOLD": "waiting",
    "SPECIAL_EXIT": "waiting",
    "CONFIGURING": "waiting",
    "RUNNING": "running",
    "COMPLETING": "running",
    "SUSPENDED": "running",
    "STOPPED": "running",
    "SIGNALING": "running",
    "COMPLETED": "ended",
    "CANCELLED": "ended",
    "PREEMPTED": "waiting",
}
"""Any other state of Slurm's is a failure: TIMEOUT, FAILED, OUT_OF_MEMORY, NODE_FAIL."""


class Slurm:
    """A worker is a task of a job array; its settings are the options of sbatch."""

    def start(self, order: Order) -> tuple[str, ...]:
        """Submit the array."""
        cluster = [] if order.address is None else [f"--clusters={order.address}"]
        given = ["sbatch", "--parsable", *cluster]
        said = ask(given, text=self.render(order), environment=order.environment, what=_WHAT)
        return (said.strip().partition(";")[0],)

    def state(self, launch: Launch) -> list[Worker]:
        """What squeue knows; tasks that it has forgotten have ended."""
        found = {each.id: each for job in launch.ids for each in _listed(job, launch)}
        tasks = [f"{job}_{index}" for job in launch.ids for index in range(launch.n)]
        return [found.get(task, Worker(task, "ended")) for task in tasks]

    def stop(self, launch: Launch) -> None:
        """Cancel what waits; have what runs hand its trial back."""
        for condition, how in (("waiting", []), ("running", ["--signal=TERM", "--batch"])):
            found = [each.id for each in self.state(launch) if each.condition == condition]
            if not found:
                continue
            try:
                ask(["scancel", *_clusters(launch), *how, *found], what=_WHAT)
            except TunerError:  # it says so of one that has ended just now, too
                left = [each.id for each in self.state(launch) if each.condition == condition]
                if set(left) & set(found):
                    raise

    def render(self, order: Order) -> str:
        """The script of the array."""
        lines = (f"#SBATCH --{name}={value}" for name, value in _options(order))
        command = shlex.join([sys.executable, "-m", "tuner", *order.command])
        script = _SCRIPT.format(command=command, most=_MOST_RESTARTS)
        return "\n".join(["#!/bin/bash", *(line.removesuffix("=") for line in lines), script])


_WHAT = "run this where jobs are submitted, a login node"


def _options(order: Order) -> Iterator[tuple[str, str]]:
    """Those of sbatch: of the order, and of the user, which win."""
    resources = order.resources
    if not float(resources.gpus).is_integer():
        raise UsageError(f"--gpus: Slurm gives whole ones, not {resources.gpus:g}")
    options = {
        "job-name": f"tuner-{order.study}",
        "array": f"0-{order.n - 1}",
        "cpus-per-task": str(resources.cores),
        "requeue": "",
        "open-mode": "append",
    }
    if resources.gpus:
        options["gpus"] = f"{resources.gpus:.0f}"
    if resources.memory is not None:
        options["mem"] = f"{resources.memory}M"
    if resources.seconds is not None:
        options["time"] = _clock(resources.seconds)
        options["signal"] = f"B:USR1@{min(_GRACE, resources.seconds // 2)}"
    yield from (options | dict(order.settings)).items()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _clusters(launch: Launch) -> list[str]:
    return [] if launch.address is None else [f"--clusters={launch.address}"]


def _listed(job: str, launch: Launch) -> Iterator[Worker]:
    command = ["squeue", *_clusters(launch), "--noheader", "--array", "--states=all"]
    try:
        said = ask([*command, "--jobs", job, "--format=%F_%K|%T|%N"], what=_WHAT)
    except TunerError as error:
        if "Invalid job id" in str(error):
            return
        raise
    for line in said.splitlines():
        name, state, place = line.split("|") if line.count("|") == 2 else ("", "", "")
        if name:
            yield Worker(name, _CONDITIONS.get(state, "failed"), place)
