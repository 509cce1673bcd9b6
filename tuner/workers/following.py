"""Follow the workers of a search: fill the queue until the budget is spent, or give up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import optuna

from tuner.errors import BudgetError, TunerError
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study import attrs
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.trial_queue import Counts, blame, count, give_up, is_hopeless, requeue_dead
from tuner.workers.listener import Listener
from tuner.workers.team import Team

_MAX_DEATHS = 9
"""Workers that may die for no trial that ends: three for each of three attempts."""

_SAVING = 600.0
"""Seconds that the workers have to write the best model."""

_LOOK = 1.0
"""Seconds between two looks at the store where no worker says anything."""


class Queue(Protocol):
    """A study of the store whose trials are queued."""

    @property
    def study(self) -> WorkerStudy: ...
    @property
    def before(self) -> Counts: ...
    @property
    def is_finished(self) -> bool: ...
    def fill(self) -> int: ...


def begin(team: Team, queue: Queue, listener: Listener, deadline: float, epochs: int) -> "Leader":
    """Let the workers go, and queue the trials."""
    ended = _ended(queue.study)
    if not queue.is_finished:
        team.go()
    leader = Leader(team, queue, listener, deadline, queue.fill(), ended)
    listener.begin(queue.before, leader.budget, epochs)
    return leader


@dataclass
class Leader:
    """A search that runs; the listener has been `told` of these trials."""

    team: Team
    queue: Queue
    listener: Listener
    deadline: float
    budget: int
    told: set[int]
    deaths: int = 0

    def follow(self) -> None:
        """Tell the listener what happens, until the budget is spent, and does not grow any more."""
        while (counts := count(self.queue.study)).finished < self.budget or self._grows(counts):
            self._check(counts)
            if counts.waiting + counts.running + counts.finished < self.budget:
                self.budget = self.queue.fill()
            self.team.wait(min(time.monotonic() + _LOOK, self.deadline))
            self._attend()
            requeue_dead(self.queue.study, spare=self.team.pids)
            self.tell()
        self.tell()

    def _grows(self, counts: Counts) -> bool:
        """Whether there is more to do where the budget is spent: the next round of a comparison."""
        self.budget = self.queue.fill()
        return counts.finished < self.budget

    def conclude(self, conclude: Callable[[Results], None]) -> Results:
        """End the workers, and do what is left to do meanwhile."""
        self.team.stop()
        results = read(self.queue.study)
        conclude(results)
        self.team.wait_for_end(_SAVING)
        return results

    def _attend(self) -> None:
        """End the processes whose trials hang, which fail; of those that have died, say how."""
        for training, reason in self.team.watch.overdue():
            place = self.team.end(training)
            self.deaths -= 1
            said = f"{reason} ({place})" if place else reason
            if give_up(self.queue.study, training.number, training.pid, said):
                self.listener.notice(f"trial {training.number} {said}: its process is ended")
        for gone, training in self.team.lost():
            given = (training.number, gone.pid, gone.reason)
            blame(self.queue.study, *given, is_own=gone.is_own)

    def _check(self, counts: Counts) -> None:
        """Give up where there is no use, or no time; put workers in the place of dead ones."""
        before = self.queue.before
        _stop_if_failing(self.queue.study, counts, counts.failed - before.failed, self.budget)
        if time.monotonic() > self.deadline:
            raise _short(counts, self.budget, "out of time")
        self.deaths += self.team.refill()
        if self.deaths > _MAX_DEATHS + counts.finished - before.finished:
            raise _short(counts, self.budget, "too many worker processes died (out of memory?)")

    def tell(self) -> None:
        """Tell the listener of every trial that has ended since, whoever ran it."""
        ended = _ended(self.queue.study)
        if ended > self.told:
            results = read(self.queue.study)
            finished = {row.number for row in results.trials if row.is_finished}
            for number in sorted(ended - self.told):
                self.told.add(number)
                self.listener.trial(results, number, len(finished & self.told))


def _ended(study: optuna.Study) -> set[int]:
    trials = study.get_trials(deepcopy=False)
    return {trial.number for trial in trials if trial.state.is_finished()}


def _stop_if_failing(study: optuna.Study, counts: Counts, failed: int, budget: int) -> None:
    """Give up early where nothing works; where something does, after as many failures as trials."""
    if not is_hopeless(counts, failed, budget):
        return
    errors = [attrs.ERROR.of(t.user_attrs) for t in study.get_trials(deepcopy=False)]
    last = [error for error in errors if error][-1]
    if not counts.finished:
        raise TunerError(f"all {counts.failed} trials failed, the last one with {last}")
    raise _short(counts, budget, f"too many trials failed, the last one with {last}")


def _short(counts: Counts, budget: int, reason: str) -> BudgetError:
    return BudgetError(f"{counts.finished} of {budget} trials finished: {reason}")
