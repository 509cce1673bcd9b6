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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver, reduction
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Protocol

from tuner import importer
from tuner.workers import trail

_PRELOAD = ["tuner.workers.preload"]
_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_PATIENCE = 20.0
"""Seconds that a process has to hand its trial back before it is killed."""

_GRACE = 5.0
"""Seconds that a process has which is ended for its trial, until it is killed."""

_ORPHAN = 60.0
"""Seconds that a process has to hand its trial back once nobody leads it."""

_TERMINATED = 128 + signal.SIGTERM
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, _TERMINATED)


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
    multiprocessing.set_forkserver_preload(_PRELOAD)
    forkserver.ensure_running()
    atexit.register(_end_server)


def _end_server() -> None:
    """Nothing waits for a server that still imports when this process exits."""
    process = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


class Channel:
    """A worker's line to the process that leads the search."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._order: Any = None
        self._stopped = False

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
            self._stopped = True
        return Stop() if self._stopped else self._order

    def stop(self) -> None:
        """Have `order` say Stop from now on; the second time, end this process at once.

        So it ends where it does not ask for an order, as a training that hangs.
        """
        if self._stopped:
            os._exit(_TERMINATED)
        self._stopped = True
        _end_after(_PATIENCE)


class Stopping(Protocol):
    """What is set to end, such as a threading.Event."""

    def is_set(self) -> bool: ...
    def wait(self, seconds: float, /) -> bool: ...


class Orders:
    """What is set once the order of a channel is to stop."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def is_set(self) -> bool:
        """Whether it was ordered."""
        return isinstance(self._channel.order(), Stop)

    def wait(self, seconds: float) -> bool:
        """Wait so long for it; whether it was ordered."""
        return isinstance(self._channel.order(seconds), Stop)


class Stop:
    """The order to hand the running trial back and end."""


class Failed:
    """A worker ended with an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


@dataclass(frozen=True)
class Gone:
    """A process has ended, with this exit code; below 0 it is the signal that ended it.

    `place` is where it was in code of a user's, where that is known.
    """

    pid: int
    code: int
    place: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether its own work has ended it, not whoever may send a signal."""
        return self.code not in _FROM_OUTSIDE

    @property
    def reason(self) -> str:
        """How it ended, in words."""
        if self.code == _TERMINATED:
            return "its worker died (SIGTERM)"
        if not self.is_own:
            hint = ": out of memory?" if self.code == -signal.SIGKILL else ""
            return f"its worker died ({_name(-self.code)}{hint})"
        how = f"was ended by {_name(-self.code)}" if self.code < 0 else f"exited ({self.code})"
        return f"its process {how}" + (f" at {self.place}" if self.place else "")


class Pool:
    """`n` processes that each call `target(*arguments, mail)`, target as "module:function".

    Leaving it stops them.
    """

    def __init__(self, n: int, target: str, arguments: Sequence[Any]) -> None:
        multiprocessing.set_forkserver_preload(_PRELOAD)
        self._given = (target, arguments)
        self._lines: dict[Any, Any] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="tuner-")
        self._trails: dict[int, Path] = {}
        self._started = 0
        for _ in range(n):
            self.add()

    def add(self) -> None:
        """Start one more process."""
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        self._started += 1
        left = Path(self._folder.name) / str(self._started)
        left.touch()
        given = (*self._given, theirs, str(Path.cwd()), left, _Stderr())
        process = context.Process(target=_enter, args=given, daemon=True)
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
        process.join(_PATIENCE)
        left = self._trails.pop(process.pid)
        code = _TERMINATED if process.exitcode is None else process.exitcode
        return Gone(process.pid, code, trail.place_of(left))

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """End the processes; those that take too long, or all at another Ctrl-C, are killed."""
        self.tell(Stop())
        until = time.monotonic() + _PATIENCE
        try:
            for process in self._lines.values():
                process.join(max(0.0, until - time.monotonic()))
        finally:
            for line, process in self._lines.items():
                process.kill()
                process.join()
                line.close()
            self._folder.cleanup()


class _Stderr:
    """The stderr of this process, also where the server of processes was begun with another."""

    def __reduce__(self) -> Any:
        return _here, (reduction.DupFd(2),)


def _here(found: Any) -> int:
    number: int = found.detach()
    return number


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Processes that start in this block do not run the script of this one, which began them."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end_after(seconds: float) -> None:
    """End this process then, whatever it does."""
    timer = threading.Timer(seconds, os._exit, (_TERMINATED,))
    timer.daemon = True
    timer.start()


def _end_with_parent() -> None:
    """Wait for the end of the process that leads, and let this one not outlive it for long."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _end_after(_ORPHAN)


def _enter(
    target: str, arguments: Sequence[Any], line: Connection, place: str, left: Path, stderr: int
) -> None:
    """Be a worker: what it prints goes to stderr, what goes wrong to the leader.

    SIGTERM is the order to stop. Ctrl-C reaches all processes of a terminal, and the leader alone
    decides what becomes of the others.
    """
    os.chdir(place)
    os.dup2(stderr, 2)
    os.dup2(2, 1)
    trail.leave(left)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    channel = Channel(line)
    signal.signal(signal.SIGTERM, lambda _number, _frame: channel.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        importer.load(target)(*arguments, channel)
    except Exception as error:  # noqa: BLE001 (the leader raises it)
        channel.send(Failed(error))
