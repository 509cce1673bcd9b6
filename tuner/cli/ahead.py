"""Leave the answer of a long study in the store while it goes on: nobody waits for it later."""

import contextlib
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from tuner.cli import told
from tuner.errors import TunerError
from tuner.storage import glance
from tuner.study.results import Results
from tuner.workers import pool
from tuner.workers.listener import Listener
from tuner.workers.messages import Began, Ended

_STEP = 1.04
"""From one answer to the next, trials that failed among them: an answer serves for 5 % more."""


class Ahead:
    """It is told which trials end, and makes answers in a process beside, one at a time.

    A trial's number says whether it is its turn: of many workers one makes the answer.
    """

    def __init__(self, url: str, first: int = told.MANY) -> None:
        self._url, self._first = url, first
        self._begun: dict[int, str] = {}
        self._studies: set[str] = set()
        self._process: BaseProcess | None = None

    def hear(self, message: Any) -> None:
        """What a worker says."""
        match message:
            case Began(pid=pid, study=study):
                self._begun[pid] = study
                self._studies.add(study)
            case Ended(number=number, pid=pid, is_over=True) if pid in self._begun:
                self.ended(self._begun[pid], number)

    def over(self) -> None:
        """Nothing runs here any more: long studies that have ended get their answer, too."""
        told.keep_of_many(self._studies, self._url)

    def ended(self, study: str, number: int) -> None:
        """A trial has ended."""
        is_busy = self._process is not None and self._process.is_alive()
        if not is_busy and is_turn(number, self._first) and glance.can_keep(self._url):
            self._process = pool.aside(_renew, (study, self._url))

    def listening(self, listen: Callable[[str], Listener]) -> Callable[[str], Listener]:
        """Listeners that tell it what they are told."""
        return lambda study: _Told(listen(study), lambda number: self.ended(study, number))


def is_turn(number: int, first: int = told.MANY) -> bool:
    """Whether an answer is made once trial `number` has ended."""
    turn = first
    while turn < number:
        turn = int(turn * _STEP) + 1
    return turn == number


def _renew(study: str, url: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)
    with contextlib.suppress(TunerError):  # whoever asks makes it
        told.renew(study, url)


class _Told:
    """A listener of a search that tells of each trial that ends."""

    def __init__(self, listener: Listener, end: Callable[[int], None]) -> None:
        self._listener, self._end = listener, end
        self.begin, self.epoch = listener.begin, listener.epoch
        self.notice, self.spent = listener.notice, listener.spent

    def trial(self, results: Results, number: int, finished: int) -> None:
        """A trial has ended."""
        self._listener.trial(results, number, finished)
        self._end(number)
