"""Lead a search: read the data, start the workers, follow them, conclude."""

import contextlib
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings
from tuner.errors import StoreError
from tuner.storage.connect import patience, warm_up
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study.results import Results
from tuner.study.submission import Submission, once
from tuner.study.trial_queue import requeue_dead
from tuner.training.clock import Clock
from tuner.workers.following import Queue, begin
from tuner.workers.listener import Listener
from tuner.workers.messages import Ready, SearchRequest, Work
from tuner.workers.pool import Pool
from tuner.workers.runtime import limited
from tuner.workers.team import Team

_READING, _BEGINNING = 10.0, 60.0
"""Seconds that the data, and the first trial to begin, have at least, however short the timeout."""


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
    *,
    conclude: Callable[[Results], None] = lambda results: None,
    meanwhile: Callable[[], None] = lambda: None,
    load: Callable[[DataSettings], Dataset] = open_dataset,
    submit: Callable[[Work, Ready], Queue] = submission,
) -> Results:
    """Run a study until its budget is spent and give its results.

    `load` gives the data, `submit` puts the study into the store; `meanwhile` is called while the
    workers import, `conclude` with the results while they write the best model. Raises BudgetError
    where time or too many failing trials end it before, TunerError where every trial failed. A
    trial that is interrupted goes back to the queue.
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
            leader = begin(team, queue, listener, deadline, epochs)
        with clock.spend("search"):
            leader.follow()
        with clock.spend("conclude"):
            results = leader.conclude(conclude)
    listener.spent("leader", clock.seconds)
    return results


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
