"""Stand by the process that trains: end a trial that hangs, say how a process died, replace it."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from tuner.errors import StoreError, TunerError
from tuner.storage.connect import open_storage, patience
from tuner.study.studies import load_study
from tuner.study.trial_queue import blame, give_up, hand_back
from tuner.workers.channel import Failed, Stop, Stopping
from tuner.workers.gone import Gone
from tuner.workers.messages import Again, Began, Ended, Epoch, Served
from tuner.workers.pool import Pool
from tuner.workers.watch import Training, Watch

_MAX_DEATHS = 9
"""Processes that may die in a row, without a trial that ends."""

_LOOK = 0.5
_PATIENCE = 20.0
"""Seconds that the process has to hand its trial back, until that is done for it."""


def supervise(
    target: str,
    arguments: Sequence[Any],
    url: str,
    stopping: Stopping,
    say: Callable[[str], None] = lambda text: None,
    hear: Callable[[Any], None] = lambda message: None,
) -> int:
    """Have a process call `target(*arguments, channel)` to its end; how many trials have ended.

    `say` takes what a person should read, `hear` every message.

    Once `stopping` is set it is told to stop; where it does not in time, as in a trial that hangs,
    it is killed, and its trial handed back. Raises what the process raised, TunerError where one
    after the other dies.
    """
    with Pool(0, target, arguments) as pool:
        if not _is_begun(pool, stopping):
            return 0
        return _Supervisor(pool, url, say, hear).run(stopping)


def _is_begun(pool: Pool, stopping: Stopping) -> bool:
    """Begin the process, which waits until libraries are imported; whether nobody stopped that."""
    begin = threading.Thread(target=pool.add, daemon=True)
    begin.start()
    while begin.is_alive():
        if stopping.is_set():
            return False
        begin.join(_LOOK)
    return True


class _Supervisor:
    def __init__(
        self, pool: Pool, url: str, say: Callable[[str], None], hear: Callable[[Any], None]
    ) -> None:
        self._pool, self._url, self._say, self._tell = pool, url, say, hear
        self._watch = Watch()
        self._ended = self._deaths = 0
        self._is_served = False
        self._until: float | None = None

    def run(self, stopping: Stopping) -> int:
        """Until the process has ended by itself, or was told to."""
        while len(self._pool):
            if stopping.is_set() and self._until is None:
                self._until = time.monotonic() + _PATIENCE
                self._pool.tell(Stop())
            if self._until is not None and time.monotonic() > self._until:
                for pid in self._pool.pids:
                    self._pool.kill(pid)
            for message in self._pool.receive(_LOOK):
                self._tell(message)
                self._hear(message)
            self._end_overdue()
        return self._ended

    def _hear(self, message: Any) -> None:
        match message:
            case Failed(error=error):
                raise error
            case Began(pid, study, number, limits):
                self._watch.begin(pid, study, number, limits)
            case Epoch(pid=pid):
                self._watch.progress(pid)
            case Ended(pid=pid, is_over=is_over):
                self._watch.progress(pid)
                self._watch.end(pid)
                self._ended += is_over
                self._deaths = 0
            case Served():
                self._is_served = True
            case Gone(pid):
                self._replace(message, self._watch.end(pid))

    def _replace(self, gone: Gone, training: Training | None) -> None:
        """Say what became of the trial of a process that is gone, and begin another process."""
        is_told = self._until is not None
        if training is not None:
            given = (training.number, gone.pid)
            if is_told:
                with contextlib.suppress(StoreError):  # who comes next finds it
                    hand_back(self._study(training, wait=0), *given)
            elif blame(self._study(training), *given, gone.reason, is_own=gone.is_own):
                self._say(f"{training.study} trial {training.number}: {gone.reason}")
        if is_told or self._is_served:
            return
        self._deaths += 1
        if self._deaths > _MAX_DEATHS:
            raise TunerError(f"{self._deaths} processes died one after the other: {gone.reason}")
        self._pool.add()
        self._pool.tell(Again(self._ended))

    def _end_overdue(self) -> None:
        for training, reason in self._watch.overdue():
            place = self._pool.where(training.pid)
            self._pool.end(training.pid)
            self._watch.end(training.pid)
            self._deaths -= 1
            said = f"{reason} ({place})" if place else reason
            if give_up(self._study(training), training.number, training.pid, said):
                self._say(f"{training.study} trial {training.number} {said}")
            self._ended += 1

    def _study(self, training: Training, wait: float | None = None) -> Any:
        seconds = patience() if wait is None else wait
        return load_study(training.study, open_storage(self._url, wait=seconds, patience=seconds))
