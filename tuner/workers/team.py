"""The worker processes of a search: what they say reaches the listener."""

import time
from typing import Any

from tuner.errors import TunerError
from tuner.workers.listener import Listener
from tuner.workers.messages import Ended, Epoch, Go, Notice, Ready, Spent
from tuner.workers.pool import Failed, Pool, Stop

_PATIENCE = 1.0
"""Seconds to wait for a word, before it is seen whether there is still somebody to say it."""


class Team:
    """`n` workers in a pool; those that begin later than the others are let go too."""

    def __init__(self, pool: Pool, n: int, listener: Listener) -> None:
        self._pool, self._n, self._listener = pool, n, listener
        self._ready: Ready | None = None
        self._going = False
        self._notices: set[str] = set()

    def ready(self) -> Ready:
        """Wait for the first that can begin; TunerError where none will."""
        while self._ready is None and len(self._pool):
            self._listen(_PATIENCE)
        if self._ready is None:
            raise TunerError("the worker process ended before the first trial")
        return self._ready

    def go(self) -> None:
        """Let them begin."""
        self._going = True
        self._pool.tell(Go())

    def refill(self) -> int:
        """Put workers in the place of dead ones; how many."""
        missing = self._n - len(self._pool)
        for _ in range(missing):
            self._pool.add()
        return missing

    def wait(self, until: float) -> None:
        """Until a trial has ended, or a worker has, or that moment."""
        n_workers = len(self._pool)
        while (left := until - time.monotonic()) > 0:
            if self._listen(left) or len(self._pool) < n_workers:
                break

    def stop(self) -> None:
        """Tell them to end."""
        self._pool.tell(Stop())

    def wait_for_end(self) -> None:
        """Until all have ended."""
        while len(self._pool):
            self._listen(_PATIENCE)

    def _listen(self, seconds: float) -> bool:
        """Pass on what the workers say; whether a trial has ended."""
        ended = False
        for message in self._pool.receive(seconds):
            ended |= isinstance(message, Ended)
            self._hear(message)
        return ended

    def _hear(self, message: Any) -> None:
        match message:
            case Failed(error=error):
                raise error
            case Ready():
                self._ready = self._ready or message
                if self._going:
                    self._pool.tell(Go())
            case Epoch(number, epoch, value):
                self._listener.epoch(number, epoch, value)
            case Notice(text) if text not in self._notices:
                self._notices.add(text)
                self._listener.notice(text)
            case Spent(process, seconds):
                self._listener.spent(process, seconds)
