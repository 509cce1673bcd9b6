"""Where a process is in code of a user's, for the process that watches it, dead or alive."""

import faulthandler
import os
import signal
import time
from pathlib import Path

from tuner.errors import place_in

_ASKED = signal.SIGUSR2
_BEGUN = "begun\n"
_PATIENCE = 1.0
"""Seconds that a process has to say where it is."""


def leave(path: Path) -> None:
    """Have this process write its stacks into a file where it is asked, crashes, or exits at once.

    The signal handlers are C: they answer for a process that hangs, wherever it does.
    """
    file = path.open("a", buffering=1)
    file.write(_BEGUN)
    faulthandler.enable(file, all_threads=True)
    faulthandler.register(_ASKED, file, all_threads=True)
    pid, leave_at_once = os.getpid(), os._exit

    def exit_at_once(status: int) -> None:
        if os.getpid() == pid:
            faulthandler.dump_traceback(file, all_threads=True)
        leave_at_once(status)

    os._exit = exit_at_once  # type: ignore[assignment]


def place_of(path: Path) -> str | None:
    """The file and line where a process was that has ended; None where that is not known."""
    return place_in(path.read_text(encoding="utf-8", errors="replace"))


def ask(pid: int, path: Path) -> str | None:
    """The file and line where a process is; None where it is in no code of a user's."""
    if not path.stat().st_size:
        return None
    path.write_text(_BEGUN)
    try:
        os.kill(pid, _ASKED)
    except ProcessLookupError:
        return None
    until, size = time.monotonic() + _PATIENCE, 0
    while time.monotonic() < until:
        before, size = size, path.stat().st_size
        if size == before > len(_BEGUN):  # it has said all
            break
        time.sleep(0.05)
    return place_of(path)
