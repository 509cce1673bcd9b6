"""What a worker process is from its first moment: told by SIGTERM, silent on stdout, no orphan."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tuner import importer, logs
from tuner.workers import trail
from tuner.workers.channel import Channel, Failed, end_after

_ORPHAN = 60.0
"""Seconds that a process has to hand its trial back once nobody leads it."""


class Stderr:
    """The stderr of this process, also where the server of processes was begun with another."""

    def __reduce__(self) -> Any:
        return _here, (reduction.DupFd(2),)


def _here(found: Any) -> int:
    number: int = found.detach()
    return number


def _end_with_parent() -> None:
    """Wait for the end of the process that leads, and let this one not outlive it for long."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        end_after(_ORPHAN)


def enter(
    target: str, arguments: Sequence[Any], line: Connection, place: str, left: Path, stderr: int
) -> None:
    """Be a worker: what it prints goes to stderr, what goes wrong to the leader.

    SIGTERM is the order to stop; so is SIGUSR1, by which a batch system says to all processes of a
    job that its time is nearly over. Ctrl-C reaches all processes of a terminal, and the leader
    alone decides what becomes of the others.
    """
    os.chdir(place)
    os.dup2(stderr, 2)
    os.dup2(2, 1)
    logs.begin()
    trail.leave(left)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    channel = Channel(line)
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda _number, _frame: channel.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        importer.load(target)(*arguments, channel)
    except Exception as error:  # noqa: BLE001 (the leader raises it)
        channel.send(Failed(error))
