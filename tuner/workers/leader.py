"""Lead a search: fill the queue, follow the workers, end them when the budget is spent."""

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import optuna

from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings
from tuner.errors import BudgetError, StoreError, TunerError
from tuner.storage.connect import PATIENCE, warm_up
from tuner.study import attrs
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.submission import Submission
from tuner.study.trial_queue import Counts, count, is_hopeless, requeue_dead
from tuner.training.clock import Clock
from tuner.workers.messages import Ended, Epoch, Go, Notice, Ready, SearchRequest, Spent, Work
from tuner.workers.pool import Failed, Pool, Stop

_MAX_DEATHS = 9
"""Workers that may die for no trial that ends: three for each of three attempts."""

_FINISHED = ("COMPLETE", "PRUNED")
_PATIENCE = 1.0
"""Seconds between two looks at the store where no worker says anything."""


class Listener(Protocol):
    """What follows a search while it runs."""

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """The search begins with these trials in the store, of so many epochs."""

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """A trial has done an epoch."""

    def trial(self, results: Results, number: int, finished: int) -> None:
        """A trial has ended, as one of so many that are finished then."""

    def notice(self, text: str) -> None:
        """Something that the user should read, once."""

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Where the seconds of a process went."""


class Queue(Protocol):
    """A study of the store whose trials are queued."""

    @property
    def study(self) -> optuna.Study: ...
    @property
    def before(self) -> Counts: ...
    @property
    def is_finished(self) -> bool: ...
    def fill(self) -> int: ...


def _submission(work: Work, ready: Ready) -> Queue:
    given = (ready.definition, ready.space, work.train_validation, work.fingerprint)
    return Submission(work.request.url, *given, work.request.add, PATIENCE)


def search(
    request: SearchRequest,
    listener: Listener,
    conclude: Callable[[Results], None] = lambda results: None,
    meanwhile: Callable[[], None] = lambda: None,
    load: Callable[[DataSettings], Dataset] = open_dataset,
    submit: Callable[[Work, Ready], Queue] = _submission,
) -> Results:
    """Run a study until its budget is spent and give its results.

    `load` gives the data, `submit` puts the study into the store.

    `meanwhile` is called while the workers import, `conclude` with the results while they write the
    best model. Raises BudgetError where time or too many failing trials end it before, TunerError
    where every trial failed. A trial that is interrupted goes back to the queue.
    """
    clock = Clock()
    with clock.spend("data"):
        dataset = load(request.definition.data_settings)
        work = Work(request, dataset.train_validation, dataset.fingerprint)
    with contextlib.ExitStack() as stack:
        with clock.spend("import"):
            warm_up()
            meanwhile()
            pool = Pool(request.n_processes, "tuner.workers.worker:work", (work,))
            leader = _Leader(work, listener, pool, submit)
            stack.push(leader.hand_back)
            stack.enter_context(pool)
        with clock.spend("create"):
            leader.begin()
        with clock.spend("search"):
            leader.follow()
        with clock.spend("conclude"):
            results = leader.conclude(conclude)
    listener.spent("leader", clock.seconds)
    return results


class _Leader:
    def __init__(
        self,
        work: Work,
        listener: Listener,
        pool: Pool,
        submit: Callable[[Work, Ready], Queue] = _submission,
    ) -> None:
        self._work, self._request, self._listener, self._pool = work, work.request, listener, pool
        self._submit = submit
        timeout = work.request.timeout
        self._deadline = math.inf if timeout is None else time.monotonic() + timeout
        self._ready: Ready | None = None
        self._going, self._deaths = False, 0
        self._notices: set[str] = set()

    def begin(self) -> None:
        """Wait for a worker, put the study into the store, let the workers go, queue the trials."""
        while self._ready is None and len(self._pool):
            self._listen(_PATIENCE)
        if self._ready is None:
            raise TunerError("the worker process ended before the first trial")
        submission = self._submit(self._work, self._ready)
        self._study, self._before = submission.study, submission.before
        self._told = _ended(self._study)
        self._fill = submission.fill
        if not submission.is_finished:
            self._going = True
            self._pool.tell(Go())
        self._budget = self._fill()
        epochs = self._ready.definition.training.epochs
        self._listener.begin(self._before, self._budget, epochs)

    def follow(self) -> None:
        """Tell the listener what happens, until the budget is spent."""
        while (counts := count(self._study)).finished < self._budget:
            self._check(counts)
            if counts.waiting + counts.running + counts.finished < self._budget:
                self._budget = self._fill()
            self._wait()
            self._tell()
        self._tell()

    def conclude(self, conclude: Callable[[Results], None]) -> Results:
        """End the workers, and do what is left to do meanwhile."""
        self._pool.tell(Stop())
        results = read(self._study)
        conclude(results)
        while len(self._pool):
            self._listen(_PATIENCE)
        return results

    def hand_back(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        """Put the trials of workers that were killed back into the queue, at the end.

        Where that fails, an error that ends the search is what the user reads: an interrupt in the
        midst of a transaction leaves a session that cannot be used, and whoever comes next finds
        the dead. A store that has just failed is not waited for again.
        """
        study = getattr(self, "_study", None)
        if study is None or isinstance(error, StoreError):
            return
        with contextlib.suppress(*([] if error is None else [Exception])):
            requeue_dead(study, blame=False)

    def _check(self, counts: Counts) -> None:
        """Give up where there is no use, or no time; put workers in the place of dead ones."""
        _stop_if_failing(self._study, counts, counts.failed - self._before.failed, self._budget)
        if time.monotonic() > self._deadline:
            raise _short(counts, self._budget, "out of time")
        missing = self._request.n_processes - len(self._pool)
        self._deaths += missing
        if self._deaths > _MAX_DEATHS + counts.finished - self._before.finished:
            raise _short(counts, self._budget, "too many worker processes died (out of memory?)")
        for _ in range(missing):
            self._pool.add()

    def _wait(self) -> None:
        """Until a trial has ended, a worker has, or it is time to look."""
        until = min(time.monotonic() + _PATIENCE, self._deadline)
        n_workers = len(self._pool)
        while (left := until - time.monotonic()) > 0:
            if self._listen(left) or len(self._pool) < n_workers:
                break
        requeue_dead(self._study)

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

    def _tell(self) -> None:
        """Tell the listener of every trial that has ended since, whoever ran it."""
        ended = _ended(self._study)
        if ended > self._told:
            results = read(self._study)
            finished = {row.number for row in results.trials if row.state in _FINISHED}
            for number in sorted(ended - self._told):
                self._told.add(number)
                self._listener.trial(results, number, len(finished & self._told))


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
