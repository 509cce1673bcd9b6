"""Lead a search: fill the queue, follow the workers, end them when the budget is spent."""

import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import optuna

from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings
from tuner.errors import BudgetError, StoreError, TunerError
from tuner.storage.connect import patience, warm_up
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study import attrs
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.submission import Submission, once
from tuner.study.trial_queue import Counts, blame, count, give_up, is_hopeless, requeue_dead
from tuner.training.clock import Clock
from tuner.workers.listener import Listener
from tuner.workers.messages import Ready, SearchRequest, Work
from tuner.workers.pool import Pool
from tuner.workers.runtime import limited
from tuner.workers.team import Team

_MAX_DEATHS = 9
"""Workers that may die for no trial that ends: three for each of three attempts."""

_READING, _BEGINNING = 10.0, 60.0
"""Seconds that the data, and the first trial to begin, have at least, however short the timeout."""

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


def submission(
    work: Work, ready: Ready, notice: Callable[[str], None] = lambda text: None
) -> Queue:
    """The study of a search in the store, created or continued, and what it asks for."""
    given = (ready.definition, ready.space, work.train_validation, work.fingerprint)
    found = Submission(work.request.url, *given, work.request.add, patience(), ready.notes)
    found.notice = once(notice)
    return found


def search(
    request: SearchRequest,
    listener: Listener,
    conclude: Callable[[Results], None] = lambda results: None,
    meanwhile: Callable[[], None] = lambda: None,
    load: Callable[[DataSettings], Dataset] = open_dataset,
    submit: Callable[[Work, Ready], Queue] = submission,
) -> Results:
    """Run a study until its budget is spent and give its results.

    `load` gives the data, `submit` puts the study into the store.

    `meanwhile` is called while the workers import, `conclude` with the results while they write the
    best model. Raises BudgetError where time or too many failing trials end it before, TunerError
    where every trial failed. A trial that is interrupted goes back to the queue.
    """
    clock = Clock()
    most = None if request.timeout is None else max(request.timeout, _READING)
    with clock.spend("data"), limited(most, "the data were still being read"):
        dataset = load(request.definition.data_settings)
        work = Work(request, dataset.train_validation, dataset.fingerprint)
    with clock.spend("import"):
        warm_up()
        meanwhile()
        pool = Pool(request.n_processes, "tuner.workers.worker:work", (work,))
        deadline = math.inf if request.timeout is None else time.monotonic() + request.timeout
    with contextlib.ExitStack() as after, pool:
        team = Team(pool, request.n_processes, listener)
        with clock.spend("create"):
            ready = team.ready(max(deadline, time.monotonic() + _BEGINNING))
            queue = submit(work, ready)
            after.push(partial(_hand_back, queue.study))
            epochs = ready.definition.n_steps * ready.definition.step_epochs
            if not queue.is_finished:
                for note in ready.notes:
                    listener.notice(note)
            leader = _begin(team, queue, listener, deadline, epochs)
        with clock.spend("search"):
            leader.follow()
        with clock.spend("conclude"):
            results = leader.conclude(conclude)
    listener.spent("leader", clock.seconds)
    return results


def _begin(team: Team, queue: Queue, listener: Listener, deadline: float, epochs: int) -> "_Leader":
    """Let the workers go, and queue the trials."""
    ended = _ended(queue.study)
    if not queue.is_finished:
        team.go()
    leader = _Leader(team, queue, listener, deadline, queue.fill(), ended)
    listener.begin(queue.before, leader.budget, epochs)
    return leader


@dataclass
class _Leader:
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
        self.team.wait_for_end()
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


def _hand_back(study: WorkerStudy, _kind: Any, error: BaseException | None, _trace: Any) -> None:
    """Put the trials of workers that were killed back into the queue, at the end.

    Where that fails, an error that ends the search is what the user reads: an interrupt in the
    midst of a transaction leaves a session that cannot be used, and whoever comes next finds
    the dead. A store that has just failed is not waited for again.
    """
    if isinstance(error, StoreError):
        return
    with contextlib.suppress(*([] if error is None else [Exception])):
        requeue_dead(study, blame=False)


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
