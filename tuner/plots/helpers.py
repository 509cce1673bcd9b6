"""Processes that draw beside this one, where there are cores for them and a fork is safe.

What begins early forks little: a helper loads what drawing takes while this process loads the rest.
"""

import multiprocessing
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from joblib import cpu_count

from tuner import importer

Lines = Sequence[Connection]

_WITH_THREADS = ("tensorflow", "jax", "torch")
"""Libraries whose threads do not survive a fork."""

_READY = "tuner.plots.rendering:warm_up"
"""What is done once before the first task."""

_UNUSED = "mpl_toolkits.mplot3d"
"""What Matplotlib loads if it is there: nothing is drawn in three dimensions."""


class Helpers:
    """Who does tasks meanwhile, each at the other end of a line.

    Without lines this process does them, once they are asked for.
    """

    def __init__(self, lines: Lines = ()) -> None:
        self._free: SimpleQueue[Connection] = SimpleQueue()
        for line in lines:
            self._free.put(line)
        self._waiting = ThreadPoolExecutor(len(lines)) if lines else None

    def begin(self, reference: str, *given: Any) -> Callable[[], Any]:
        """Begin `module:function` with these arguments; the call returned gives what it returns.

        It must have the same effect wherever it runs, also when it runs twice. What fails in a
        helper, dies with it or cannot be sent runs again here, so that its exception is raised
        here.
        """
        task = (reference, given)
        future = None if self._waiting is None else self._waiting.submit(self._ask, task)
        return partial(_result, future, task)

    def end(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        if self._waiting is not None:
            self._waiting.shutdown(cancel_futures=True)

    def _ask(self, task: Any) -> Any:
        line = self._free.get()
        try:
            line.send(task)
            return line.recv()
        finally:
            self._free.put(line)


@contextmanager
def helping(n_tasks: int) -> Iterator[Helpers]:
    """Helpers for so many tasks, forked now; at the end of the block they are gone."""
    n_cores = cpu_count()
    if n_cores < 2 or not _may_fork():
        yield Helpers()
        return
    fork = multiprocessing.get_context("fork")
    ours, theirs = zip(*(fork.Pipe() for _ in range(min(n_cores, n_tasks))), strict=True)
    first = fork.Process(target=_begin, args=(theirs, ours))
    first.start()
    _close(theirs)
    helpers = Helpers(ours)
    try:
        yield helpers
    finally:
        helpers.end()
        _close(ours)
        first.join()


def _may_fork() -> bool:
    is_child = multiprocessing.current_process().daemon
    is_alone = threading.current_thread() is threading.main_thread()
    return is_alone and not is_child and not any(name in sys.modules for name in _WITH_THREADS)


def _begin(lines: Lines, others: Lines) -> None:
    """Load what drawing takes, once, and be as many helpers as there are lines.

    Ctrl-C is for the parent, and so are warnings. Each keeps its own end alone: who is left at the
    other one notices that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    warnings.filterwarnings("ignore")
    _close(others)
    sys.modules.setdefault(_UNUSED, None)  # type: ignore[arg-type]
    importer.load(_READY)()
    for line in lines[1:]:
        multiprocessing.get_context("fork").Process(target=_serve, args=(line, lines)).start()
    _serve(lines[0], lines)


def _serve(own: Connection, lines: Lines) -> None:
    """Do one task after the other, until none can come; one that fails ends that."""
    _close([line for line in lines if line is not own])
    with own, suppress(Exception):
        while True:
            reference, given = own.recv()
            own.send(importer.load(reference)(*given))


def _close(lines: Lines) -> None:
    for line in lines:
        line.close()


def _result(future: Future[Any] | None, task: tuple[str, tuple[Any, ...]]) -> Any:
    if future is None or future.cancelled() or future.exception() is not None:
        reference, given = task
        return importer.load(reference)(*given)
    return future.result()
