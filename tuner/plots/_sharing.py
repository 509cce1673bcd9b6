"""Tasks shared with forked processes, where there are cores for them and a fork is safe."""

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, TypeVar

from joblib import cpu_count

T = TypeVar("T")
Task = Callable[[], T]

_WITH_THREADS = ("tensorflow", "jax", "torch")
"""Libraries whose threads do not survive a fork."""

_TASKS: list[Task[Any]] = []
"""What a helper was forked with; empty everywhere else."""


def share(tasks: Sequence[Task[T]]) -> Callable[[], list[T]]:
    """Begin `tasks` in other processes; the call returned joins in and gives the results in order.

    A task must have the same effect wherever it runs, also when it runs twice. What fails in a
    process, or dies with it, runs again in this one, so that its exception is raised here.
    """
    n_helpers = min(cpu_count(), len(tasks)) - 1
    if n_helpers < 1 or not _may_fork():
        return lambda: [task() for task in tasks]
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(n_helpers, fork, initializer=_begin, initargs=(tasks,))
    given: list[Future[T]] = []
    with suppress(BrokenProcessPool):  # the first helper may die before the last task is given
        given.extend(pool.submit(_run, number) for number in range(len(tasks)))

    def finish() -> list[T]:
        own: dict[int, T] = {}
        try:
            for number in reversed(range(len(tasks))):
                if number >= len(given) or given[number].cancel():
                    own[number] = tasks[number]()
        finally:
            pool.shutdown(cancel_futures=True)
        return [
            own[number] if number in own else _result(given[number], task)
            for number, task in enumerate(tasks)
        ]

    return finish


def _may_fork() -> bool:
    is_child = multiprocessing.current_process().daemon
    is_alone = threading.current_thread() is threading.main_thread()
    return is_alone and not is_child and not any(name in sys.modules for name in _WITH_THREADS)


def _begin(tasks: Sequence[Task[Any]]) -> None:
    """Be a helper: Ctrl-C is for its parent, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _TASKS[:] = tasks


def _run(number: int) -> Any:
    return _TASKS[number]()


def _result(future: Future[T], task: Task[T]) -> T:
    return task() if future.cancelled() or future.exception() is not None else future.result()
