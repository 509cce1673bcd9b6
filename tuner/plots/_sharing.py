"""Tasks shared with forked processes, where there are cores for them and a fork is safe."""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

from joblib import cpu_count

T = TypeVar("T")
Task = Callable[[], T]

_WITH_THREADS = ("tensorflow", "jax", "torch")
"""Libraries whose threads do not survive a fork."""


def share(tasks: Sequence[Task[T]]) -> Callable[[], list[T]]:
    """Begin `tasks` in other processes; the call returned joins in and gives the results in order.

    A task must have the same effect wherever it runs, also when it runs twice, and there may be
    256 of them. What fails in a process, or dies with it, runs again in this one, so that its
    exception is raised here.
    """
    n_helpers = min(cpu_count(), len(tasks)) - 1
    if n_helpers < 1 or not _may_fork():
        return lambda: [task() for task in tasks]
    # Whoever reads a byte of the pipe has the task of that number: nothing to lock or to release.
    numbers, writer = os.pipe()
    os.write(writer, bytes(range(len(tasks))))
    os.close(writer)
    helpers = [_start(tasks, numbers) for _ in range(n_helpers)]

    def finish() -> list[T]:
        done = _work(tasks, numbers)
        os.close(numbers)
        for process, results in helpers:
            with contextlib.suppress(EOFError):
                done |= results.recv()
            process.join()
        return [done[i] if i in done else task() for i, task in enumerate(tasks)]

    return finish


def _may_fork() -> bool:
    is_child = multiprocessing.current_process().daemon
    return not is_child and not any(name in sys.modules for name in _WITH_THREADS)


def _start(tasks: Sequence[Task[T]], numbers: int) -> tuple[ForkProcess, Connection]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_help, args=(tasks, numbers, sender), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _help(tasks: Sequence[Task[Any]], numbers: int, sender: Connection) -> None:
    """What a helper does: Ctrl-C is for its parent, which ends it; so is what goes wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sender.send(_work(tasks, numbers, Exception))


def _work(tasks: Sequence[Task[T]], numbers: int, *skipped: type[Exception]) -> dict[int, T]:
    done = {}
    while number := os.read(numbers, 1):
        with contextlib.suppress(*skipped):
            done[number[0]] = tasks[number[0]]()
    return done
