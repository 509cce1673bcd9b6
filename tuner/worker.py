"""Claim a trial, run it, until the budget is spent."""

import contextlib
import functools
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
from tuner.pool import Pool
from tuner.queue import Counts, claim, count, fill_queue, release
from tuner.resolve import Resolved, resolve
from tuner.results import Results, read
from tuner.startup import interruptible
from tuner.storage import open_storage
from tuner.study import load_study, make_pruner, open_study
from tuner.training import share_cores

_GIVE_UP = 5
_POLL = 0.1


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
    that are finished, `n_processes` share the cores.
    """

    definition: StudyDefinition
    url: str
    folder: Path
    timeout: float | None = None
    add: int | None = None
    n_processes: int = 1


class _OutOfTimeError(Exception):
    """The running trial has to be handed back."""


def search(job: Job, listener: Listener) -> Results:
    """Run a study until its budget is spent and give its results.

    Raises BudgetError where time or too many failing trials end it before, TunerError where every
    trial failed. A trial that is interrupted goes back to the queue. With several processes the
    others are forked here; where TensorFlow has run already there is one.
    """
    n_others = job.n_processes - 1 if share_cores(job.n_processes) else 0
    with Pool(n_others, functools.partial(_help, job)) as pool:
        return _lead(job, listener, pool)


def _lead(job: Job, listener: Listener, pool: Pool) -> Results:
    """Fill the queue, take trials from it like the others, and see to it that the budget is met."""
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
    told = _ended(study)
    pool.go()
    while (counts := count(study)).finished < budget:
        _stop_if_failing(study, counts, counts.failed - before.failed, budget)
        if time.monotonic() > deadline:
            raise _short(counts, budget, "out of time")
        fill_queue(study, resolved.space, resolved.definition, budget)
        trial = claim(study, resolved.definition)
        if trial is not None:
            try:
                _run(study, objective, trial)
            except _OutOfTimeError:
                raise _short(count(study), budget, "out of time") from None
            _keep_if_best(study, objective, trial.number, job.folder, pool)
        else:
            others_live = pool.is_alive()
            if not requeue_dead(study):
                if not others_live:
                    raise _short(counts, budget, "the rest is running in another process")
                time.sleep(_POLL)
        _tell(study, listener, told)
    _tell(study, listener, told)
    return read(study)


def _help(job: Job, pool: Pool) -> None:
    """Take trials from the queue until there is no more to do."""

    def on_epoch(_number: int, _epoch: int, _value: float) -> None:
        if pool.stopped():
            raise _OutOfTimeError

    dataset = open_dataset(job.definition)
    resolved = resolve(job.definition, dataset.development)
    study = load_study(job.definition.name, open_storage(job.url))
    study.pruner = make_pruner(resolved.definition)
    objective = Objective(resolved, dataset.development, on_epoch)
    with contextlib.suppress(_OutOfTimeError), interruptible():
        while not pool.stopped():
            trial = claim(study, resolved.definition)
            if trial is None:
                time.sleep(_POLL)
                continue
            _run(study, objective, trial)
            _keep_if_best(study, objective, trial.number, job.folder, pool)


def _keep_if_best(
    study: optuna.Study, objective: Objective, number: int, folder: Path, pool: Pool
) -> None:
    with pool.lock:
        results = read(study)
        if results.best is not None and results.best.number == number:
            keep(objective, results, folder)


def _tell(study: optuna.Study, listener: Listener, told: set[int]) -> None:
    """Tell the listener of every trial that has ended since, whoever ran it."""
    ended = _ended(study)
    if ended > told:
        results = read(study)
        for number in sorted(ended - told):
            listener.trial(results, number)
        told |= ended


def _ended(study: optuna.Study) -> set[int]:
    trials = study.get_trials(deepcopy=False)
    return {trial.number for trial in trials if trial.state.is_finished()}


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
    requeue_dead(study)
    return study


def requeue_dead(study: optuna.Study) -> int:
    """Hand back the running trials of processes of this host that are gone; how many they were."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    dead = [t for t in running if _is_dead(str(t.user_attrs.get("worker", "")))]
    for trial in dead:
        release(study, trial.number)
    return len(dead)


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
