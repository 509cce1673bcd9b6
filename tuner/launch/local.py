"""Processes of this machine: no engine at all."""

import contextlib
import math
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from tuner.errors import UsageError
from tuner.launch.engine import Launch, Order, Worker, chosen

_PATIENCE = 25.0
"""Seconds for workers to hand their trials back."""


class Local:
    """Workers are processes that outlive the command which began them; their ids say which."""

    def start(self, order: Order) -> tuple[str, ...]:
        """Begin them, each with a log in the folder of the study."""
        chosen(order, {})
        if order.resources.memory is not None:
            raise UsageError("--memory: nothing limits the memory of processes of this machine")
        return tuple(_begin(order, index) for index in range(order.n))

    def state(self, launch: Launch) -> list[Worker]:
        """Whether they are there."""
        place = os.uname().nodename
        return [
            Worker(each, "running" if _is_alive(each) else "ended", place) for each in launch.ids
        ]

    def stop(self, launch: Launch) -> None:
        """Tell them to end, and wait until they have."""
        for each in launch.ids:
            if _is_alive(each):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(each.partition(":")[0]), signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        while any(map(_is_alive, launch.ids)) and time.monotonic() < until:
            time.sleep(0.1)

    def render(self, order: Order) -> str:
        """The commands, each with what its worker finds besides."""
        return "\n".join(_line(order, index) for index in range(order.n))


def _line(order: Order, index: int) -> str:
    devices = [f"{name}={value}" for name, value in _devices(order, index).items()]
    return " ".join([*devices, "tuner", shlex.join(order.timed)])


def _begin(order: Order, index: int) -> str:
    """Begin a worker which nobody waits for: it is no child that this process has to look after."""
    log = order.folder / "logs" / f"worker-{index}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "tuner", *order.timed],
        {**os.environ, **order.environment, **_devices(order, index)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return f"{pid}:{_began(pid)}"


def _devices(order: Order, index: int) -> dict[str, str]:
    """The GPUs of a worker: those of its number, which it may share with the next."""
    gpus = order.resources.gpus
    if not gpus:
        return {}
    first, end = math.floor(index * gpus), math.ceil((index + 1) * gpus)
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, range(first, end)))}


def _is_alive(name: str) -> bool:
    pid, _, began = name.partition(":")
    found = _began(int(pid))
    return bool(found) and found == began


def _began(pid: int) -> str:
    """When a process began, which tells it from a later one of its id; '' where it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return "-".join(done.stdout.split())
