"""Claim a trial, run it, until the budget is spent."""

import math
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import optuna
from optuna.trial import TrialState

from tuner.best import keep
from tuner.data.dataset import Dataset
from tuner.data.opening import open_dataset
from tuner.definition import StudyDefinition
from tuner.errors import BudgetError, TunerError, one_line
from tuner.objective import Objective
from tuner.queue import Counts, claim, count, fill_queue, release
from tuner.resolve import Resolved, resolve
from tuner.results import Results, read
from tuner.storage import open_storage
from tuner.study import make_pruner, open_study

_GIVE_UP = 5


class Listener(Protocol):
    """What follows a search while it runs."""

    def begin(self, counts: Counts, budget: int) -> None:
        """The search begins with these trials in the store."""

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """A trial has done an epoch."""

    def trial(self, results: Results, number: int) -> None:
        """A trial has ended."""


@dataclass(frozen=True)
class Job:
    """What `tuner search` was asked for.

    `folder` takes the best model, `timeout` is in seconds, `add` counts trials on top of those
    that are finished.
    """

    definition: StudyDefinition
    url: str
    folder: Path
    timeout: float | None = None
    add: int | None = None


class _OutOfTimeError(Exception):
    """The running trial has to be handed back."""


def search(job: Job, listener: Listener) -> Results:
    """Run a study until its budget is spent and give its results.

    Raises BudgetError where time or too many failing trials end it before, TunerError where every
    trial failed. A trial that is interrupted goes back to the queue.
    """
    deadline = math.inf if job.timeout is None else time.monotonic() + job.timeout

    def on_epoch(number: int, epoch: int, value: float) -> None:
        listener.epoch(number, epoch, value)
        if time.monotonic() > deadline:
            raise _OutOfTimeError

    dataset = open_dataset(job.definition)
    resolved = resolve(job.definition, dataset.development)
    study = create(job, resolved, dataset)
    objective = Objective(resolved, dataset.development, on_epoch)
    before = count(study)
    trials = job.definition.search.trials if job.add is None else before.finished + job.add
    budget = fill_queue(study, resolved.space, resolved.definition, trials)
    study.set_user_attr("budget", max(budget, before.finished))
    listener.begin(before, budget)
    while (counts := count(study)).finished < budget:
        _stop_if_failing(study, counts, counts.failed - before.failed, budget)
        if time.monotonic() > deadline:
            raise _short(counts, budget, "out of time")
        fill_queue(study, resolved.space, resolved.definition, budget)
        trial = claim(study, resolved.definition)
        if trial is None:
            raise _short(counts, budget, "the rest is running in another process")
        try:
            _run(study, objective, trial)
        except _OutOfTimeError:
            raise _short(count(study), budget, "out of time") from None
        results = read(study)
        if results.best is not None and results.best.number == trial.number:
            keep(objective, results, job.folder)
        listener.trial(results, trial.number)
    return read(study)


def create(job: Job, resolved: Resolved, dataset: Dataset) -> optuna.Study:
    """The study in the store, created or continued; trials of dead processes are queued again."""
    storage = open_storage(job.url, create=True)
    study = open_study(resolved.definition, dataset.fingerprint, storage)
    study.pruner = make_pruner(resolved.definition)
    study.set_user_attr("n_train", len(dataset.development.train.x))
    study.set_user_attr("n_validation", len(dataset.development.validation.x))
    study.set_user_attr("fixed", resolved.space.fixed())
    study.set_user_attr("classes", dataset.development.classes)
    study.set_user_attr("features", dataset.development.features)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_dead(str(trial.user_attrs.get("worker", ""))):
            release(study, trial.number)
    return study


def _run(study: optuna.Study, objective: Objective, trial: optuna.Trial) -> None:
    trial.set_user_attr("worker", f"{socket.gethostname()}:{os.getpid()}")
    try:
        value = objective(trial)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
    except (KeyboardInterrupt, _OutOfTimeError):
        release(study, trial.number)
        raise
    except Exception as error:  # noqa: BLE001 (whatever a user's model raises is recorded)
        trial.set_user_attr("error", one_line(error))
        study.tell(trial, state=TrialState.FAIL)
    else:
        study.tell(trial, value)


def _is_dead(worker: str) -> bool:
    """Whether a worker `host:pid` was a process of this host that is gone."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _stop_if_failing(study: optuna.Study, counts: Counts, failed: int, budget: int) -> None:
    """Give up early where nothing works; where something does, after as many failures as trials."""
    if failed < (max(_GIVE_UP, budget) if counts.finished else min(_GIVE_UP, budget)):
        return
    errors = [t.user_attrs.get("error") for t in study.get_trials(deepcopy=False)]
    last = [error for error in errors if error][-1]
    if not counts.finished:
        raise TunerError(f"all {counts.failed} trials failed, the last one with {last}")
    raise _short(counts, budget, f"too many trials failed, the last one with {last}")


def _short(counts: Counts, budget: int, reason: str) -> BudgetError:
    return BudgetError(f"{counts.finished} of {budget} trials finished: {reason}")
