"""Which process trains which trial, since when, and whether it still gets on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tuner.study.formatting import duration
from tuner.training.settings import TrainingSettings

TIMES = 20
"""So often the longest stretch between two epochs of a study may be taken by another."""

FLOOR = 300.0
"""Seconds without an epoch that are never too many, where nothing else is asked for."""

FIRST = 3600.0
"""Seconds that the first epoch of a study may take, from the beginning of its trial."""

_STEP = 2.0
"""Seconds that count between two looks: one who looks again later was held up as well."""


@dataclass(frozen=True)
class Limits:
    """The seconds that a trial may take, and those from one epoch to the next; None is no limit.

    `longest` is what these took before, 0 where nothing did. `memory` is in GB.
    """

    trial: float | None = None
    epoch: float | None = None
    longest: float = 0.0
    memory: float | None = None

    @classmethod
    def of(cls, training: TrainingSettings, longest: float = 0.0) -> "Limits":
        """Those that a study asks for in which an epoch has taken so many seconds at most."""
        return cls(training.max_seconds, training.max_epoch_seconds, longest, training.max_memory)


def resident(pid: int) -> float:
    """The memory that a process has, in GB; 0 of one that is gone."""
    try:
        return float(psutil.Process(pid).memory_info().rss) / 1e9
    except psutil.NoSuchProcess:
        return 0.0


@dataclass
class Training:
    """A trial that a process trains: seconds since it began, and since it got on."""

    pid: int
    study: str
    number: int
    limits: Limits
    total: float = 0.0
    idle: float = 0.0


class Watch:
    """The trials that processes train, and what epochs of their studies took at most.

    `memory` gives that of a process in GB.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        memory: Callable[[int], float] = resident,
    ) -> None:
        self._longest: dict[str, float] = {}
        self._clock, self._memory = clock, memory
        self._running: dict[int, Training] = {}
        self._looked = clock()

    def begin(self, pid: int, study: str, number: int, limits: Limits) -> None:
        """A process has taken a trial."""
        self._look()
        self._running[pid] = Training(pid, study, number, limits)
        self._measure(study, limits.longest)

    def progress(self, pid: int) -> None:
        """Its trial has done an epoch."""
        self._look()
        found = self._running.get(pid)
        if found is not None:
            self._measure(found.study, found.idle)
            found.idle = 0.0

    def end(self, pid: int) -> Training | None:
        """Its trial has ended, or the process has: the trial, if there was one."""
        self._look()
        return self._running.pop(pid, None)

    def overdue(self) -> list[tuple[Training, str]]:
        """The trials that take too long, and why."""
        self._look()
        found = ((each, self._reason(each)) for each in self._running.values())
        return [(each, reason) for each, reason in found if reason]

    def _reason(self, each: Training) -> str:
        room = each.limits.memory
        if room is not None and (taken := self._memory(each.pid)) > room:
            return f"ended with {taken:.3g} GB, as its max_memory is {room:g} GB"
        most, longest = each.limits.trial, self._longest.get(each.study, 0.0)
        if most is not None and each.total > most:
            return f"ended after {duration(most)}, its max_seconds"
        if each.limits.epoch is not None and each.idle > each.limits.epoch:
            return f"hung: no epoch for {duration(each.limits.epoch)}, its max_epoch_seconds"
        if each.limits.epoch is not None:
            return ""
        idle = duration(each.idle)
        if longest and each.idle > max(FLOOR, TIMES * longest):
            return f"hung: no epoch for {idle}, the longest before took {duration(longest)}"
        if not longest and each.idle > FIRST:
            return f"hung: no epoch for {idle}: where one takes longer give max_epoch_seconds"
        return ""

    def _measure(self, study: str, seconds: float) -> None:
        self._longest[study] = max(self._longest.get(study, 0.0), seconds)

    def _look(self) -> None:
        """Count the seconds since the last look."""
        now = self._clock()
        passed, self._looked = min(now - self._looked, _STEP), now
        for each in self._running.values():
            each.total += passed
            each.idle += passed
