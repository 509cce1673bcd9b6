"""Worker processes: forked from a server that has imported TensorFlow and never runs it."""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any

from tuner import importer
from tuner.environment import set_environment

_PRELOAD = ["tuner.preload"]
_PATIENCE = 20.0
"""Seconds that a process has to hand its trial back."""


def prepare(*, verbose: bool = False) -> None:
    """Begin to import what workers need, in a process beside this one. Returns at once."""
    set_environment(verbose=verbose)
    multiprocessing.set_forkserver_preload(_PRELOAD)
    forkserver.ensure_running()
    atexit.register(_end_server)


def _end_server() -> None:
    """Nothing waits for a server that still imports when this process exits."""
    process = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


class Mail:
    """A worker's line to the process that leads the search."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._order: Any = None

    def send(self, message: Any) -> None:
        """Tell the leader something; nobody to tell is no error."""
        with contextlib.suppress(OSError):
            self._line.send(message)

    def order(self, seconds: float = 0.0) -> Any:
        """What the leader has said last, waited for so long; Stop once it is gone."""
        try:
            while self._line.poll(seconds):
                self._order, seconds = self._line.recv(), 0.0
        except (OSError, EOFError):
            self._order = Stop()
        return self._order


class Stop:
    """The order to hand the running trial back and end."""


class Failed:
    """A worker ended with an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Pool:
    """`n` processes that each call `target(*arguments, mail)`, target as "module:function".

    Leaving it stops them; where that is because of an error they are interrupted.
    """

    def __init__(self, n: int, target: str, arguments: Sequence[Any]) -> None:
        multiprocessing.set_forkserver_preload(_PRELOAD)
        context = multiprocessing.get_context("forkserver")
        self._lines: dict[Any, Any] = {}
        for _ in range(n):
            ours, theirs = context.Pipe()
            given = (target, arguments, theirs, str(Path.cwd()))
            process = context.Process(target=_enter, args=given, daemon=True)
            process.start()
            theirs.close()
            self._lines[ours] = process

    def __len__(self) -> int:
        """How many are left."""
        return len(self._lines)

    def tell(self, order: Any) -> None:
        """Give all of them an order."""
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.send(order)

    def receive(self, seconds: float) -> Iterator[Any]:
        """What they have said, waited for so long; those that have ended are let go first."""
        lines: list[Any] = wait(list(self._lines), seconds)
        for line in lines:
            try:
                yield line.recv()
            except (OSError, EOFError):
                self._lines.pop(line).join(_PATIENCE)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """End the processes; where something went wrong, interrupt them."""
        self.tell(Stop())
        for process in self._lines.values():
            if kind is not None:
                process.terminate()
        for line, process in self._lines.items():
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
            line.close()


def _enter(target: str, arguments: Sequence[Any], line: Connection, place: str) -> None:
    """Be a worker: what it prints goes to stderr, what goes wrong to the leader."""
    os.chdir(place)
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, _interrupt)
    mail = Mail(line)
    try:
        importer.load(target)(*arguments, mail)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 (the leader raises it)
        mail.send(Failed(error))


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
