"""Worker processes: forked from a server that has imported TensorFlow and never runs it."""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from tuner.workers import trail
from tuner.workers.channel import PATIENCE, TERMINATED, Stop
from tuner.workers.gone import Gone
from tuner.workers.process import Stderr, enter

_PRELOAD = ["tuner.workers.preload"]
_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_GRACE = 5.0
"""Seconds that a process has which is ended for its trial, until it is killed."""


def set_environment(*, verbose: bool = False) -> None:
    """Choose the TensorFlow backend of Keras and, unless `verbose`, silence TensorFlow.

    MLflow is not to report to its makers that it was used.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    level = os.environ.get(_LEVEL)
    is_its_own = level == "1" and "tensorflow" in sys.modules  # it sets that when it is imported
    if not verbose and (level is None or is_its_own):
        os.environ[_LEVEL] = "3"


def prepare(*, verbose: bool = False) -> None:
    """Begin to import what workers need, in a process beside this one. Returns at once."""
    set_environment(verbose=verbose)
    _context()
    forkserver.ensure_running()
    atexit.register(_end_server)


def _end_server() -> None:
    """Nothing waits for a server that still imports when this process exits."""
    process = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


class Pool:
    """`n` processes that each call `target(*arguments, mail)`, target as "module:function".

    Leaving it stops them.
    """

    def __init__(self, n: int, target: str, arguments: Sequence[Any]) -> None:
        self._given = (target, arguments)
        self._lines: dict[Any, Any] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="tuner-")
        self._trails: dict[int, Path] = {}
        self._started = 0
        for _ in range(n):
            self.add()

    def add(self) -> None:
        """Start one more process."""
        context = _context()
        ours, theirs = context.Pipe()
        self._started += 1
        left = Path(self._folder.name) / str(self._started)
        left.touch()
        given = (*self._given, theirs, str(Path.cwd()), left, Stderr())
        process = context.Process(target=enter, args=given, daemon=True)
        with _without_main():
            process.start()
        theirs.close()
        self._lines[ours] = process
        self._trails[process.pid or 0] = left

    def __len__(self) -> int:
        """How many are left."""
        return len(self._lines)

    @property
    def pids(self) -> list[int]:
        """The processes that are left."""
        return [process.pid for process in self._lines.values()]

    def tell(self, order: Any) -> None:
        """Give all of them an order."""
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.send(order)

    def receive(self, seconds: float) -> Iterator[Any]:
        """What they have said, waited for so long; of those that have ended, how (Gone)."""
        lines: list[Any] = wait(list(self._lines), seconds)
        for line in lines:
            try:
                yield line.recv()
            except (OSError, EOFError):
                yield self._let_go(line)

    def where(self, pid: int) -> str | None:
        """The file and line of a user's code where a process is, if it is there."""
        return trail.ask(pid, self._trails[pid]) if pid in self._trails else None

    def kill(self, pid: int) -> None:
        """End a process at once."""
        for process in self._lines.values():
            if process.pid == pid:
                process.kill()

    def end(self, pid: int) -> None:
        """Tell a process to end, by SIGTERM; where it does not in a few seconds, kill it."""
        for process in self._lines.values():
            if process.pid == pid:
                process.terminate()
                timer = threading.Timer(_GRACE, process.kill)
                timer.daemon = True
                timer.start()

    def _let_go(self, line: Any) -> Gone:
        process = self._lines.pop(line)
        process.join(PATIENCE)
        left = self._trails.pop(process.pid)
        code = TERMINATED if process.exitcode is None else process.exitcode
        return Gone(process.pid, code, trail.place_of(left))

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """End the processes; those that take too long, or all at another Ctrl-C, are killed."""
        self.tell(Stop())
        until = time.monotonic() + PATIENCE
        try:
            for process in self._lines.values():
                process.join(max(0.0, until - time.monotonic()))
        finally:
            for line, process in self._lines.items():
                process.kill()
                process.join()
                line.close()
            self._folder.cleanup()


def aside(target: Callable[..., None], arguments: Sequence[Any]) -> BaseProcess:
    """Call a function of a module in a process that ends with this one at the latest."""
    process: BaseProcess = _context().Process(target=target, args=arguments, daemon=True)
    with _without_main():
        process.start()
    return process


def _context() -> Any:
    multiprocessing.set_forkserver_preload(_PRELOAD)
    return multiprocessing.get_context("forkserver")


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Processes that start in this block do not run the script of this one, which began them."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
