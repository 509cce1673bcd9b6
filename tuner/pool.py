"""The processes of one search: forked after the imports, before TensorFlow has done anything."""

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from types import TracebackType

from tuner.errors import one_line

_PATIENCE = 20.0
"""Seconds that a process has to hand its trial back."""


class Pool:
    """`n` processes that run `work(pool)` once they are let go.

    `work` returns soon after `stopped()` is true. `lock` is one for all of them and the parent.
    Make a pool before TensorFlow runs anything: its threads do not survive a fork.
    """

    def __init__(self, n: int, work: Callable[["Pool"], None]) -> None:
        context = multiprocessing.get_context("fork")
        self.lock = context.Lock()
        self._go, self._stop = context.Event(), context.Event()
        self._parent = os.getpid()
        self._processes = [
            context.Process(target=self._run, args=(work,), daemon=True) for _ in range(n)
        ]
        for process in self._processes:
            process.start()

    def stopped(self) -> bool:
        """Whether there is no more to do: the pool is closed, or its parent is gone."""
        return self._stop.is_set() or os.getpid() != self._parent != os.getppid()

    def go(self) -> None:
        """Let the processes begin."""
        self._go.set()

    def is_alive(self) -> bool:
        """Whether any process is left."""
        return any(process.is_alive() for process in self._processes)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """End the processes; where something went wrong, interrupt them."""
        self._stop.set()
        self._go.set()
        for process in self._processes:
            if kind is not None and process.is_alive():
                process.terminate()
        for process in self._processes:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()

    def _run(self, work: Callable[["Pool"], None]) -> None:
        """Wait, then work; what goes wrong is one line, and the others go on."""
        with contextlib.suppress(KeyboardInterrupt):
            while not self._go.wait(1.0) and not self.stopped():
                pass
            try:
                if not self.stopped():
                    work(self)
            except Exception as error:  # noqa: BLE001 (one less is no reason to end a search)
                sys.stderr.write(f"A worker process ended: {one_line(error)}\n")
