"""The worker processes of a search: what they say reaches the listener."""

import math
import time
from typing import Any

from tuner.errors import BudgetError, TunerError
from tuner.study.formatting import duration
from tuner.workers.channel import Failed, Stop
from tuner.workers.gone import Gone
from tuner.workers.listener import Listener
from tuner.workers.messages import Began, Ended, Epoch, Go, Notice, Ready, Spent
from tuner.workers.pool import Pool
from tuner.workers.watch import Training, Watch

_PATIENCE = 1.0
"""Seconds to wait for a word, before it is seen whether there is still somebody to say it."""


class Team:
    """`n` workers in a pool; those that begin later than the others are let go too."""

    def __init__(self, pool: Pool, n: int, listener: Listener) -> None:
        self._pool, self._n, self._listener = pool, n, listener
        self._ready: Ready | None = None
        self._going = False
        self._notices: set[str] = set()
        self._lost: list[tuple[Gone, Training | None]] = []
        self.watch = Watch()

    def ready(self, until: float) -> Ready:
        """Wait for the first that can begin; TunerError where none will, or not until then."""
        while self._ready is None and len(self._pool):
            self._listen(_PATIENCE)
            if self._ready is None and time.monotonic() > until:
                raise BudgetError(f"out of time before the first trial{self._where()}")
        if self._ready is None:
            reasons = [gone.reason for gone, _ in self._lost]
            raise TunerError(f"no trial could begin: {(reasons or ['the worker ended'])[-1]}")
        return self._ready

    def end(self, training: Training) -> str | None:
        """End the process of a trial; the file and line of a user's code where it was."""
        place = self._pool.where(training.pid)
        self._pool.end(training.pid)
        self.watch.end(training.pid)
        return place

    def lost(self) -> list[tuple[Gone, Training]]:
        """The processes that have died since this was asked last, and the trials they had."""
        found, self._lost = self._lost, []
        return [(gone, training) for gone, training in found if training is not None]

    def _where(self) -> str:
        places = [self._pool.where(pid) for pid in self._pool.pids]
        found = next((place for place in places if place), None)
        return f": the model was still being built ({found})" if found else ""

    @property
    def pids(self) -> list[int]:
        """The processes of which nobody has said yet that they have ended."""
        return self._pool.pids

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
        """Tell them to end, those too that are not ready yet."""
        self._going = False
        self._pool.tell(Stop())

    def wait_for_end(self, seconds: float) -> None:
        """Until all have ended, as those are then that take longer."""
        until = time.monotonic() + seconds
        while len(self._pool):
            self._listen(_PATIENCE)
            if time.monotonic() > until:
                self._give_up(seconds)
                until = math.inf

    def _give_up(self, seconds: float) -> None:
        """End those that have no trial any more, and do not end by themselves."""
        for pid in self.pids:
            place = self._pool.where(pid)
            self._pool.end(pid)
            where = f" ({place})" if place else ""
            self._listener.notice(
                f"process {pid}, whose trials are done, did not end within {duration(seconds)}"
                f"{where}: what it was writing, as best.keras, may be missing"
            )

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
            case Began(pid, study, number, limits):
                self.watch.begin(pid, study, number, limits)
            case Epoch(number, epoch, value, pid):
                self.watch.progress(pid)
                self._listener.epoch(number, epoch, value)
            case Ended(_, pid):
                self.watch.progress(pid)
                self.watch.end(pid)
            case Gone(pid):
                self._lost.append((message, self.watch.end(pid)))
            case Notice(text) if text not in self._notices:
                self._notices.add(text)
                self._listener.notice(text)
            case Spent(process, seconds):
                self._listener.spent(process, seconds)
