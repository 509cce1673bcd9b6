"""Claim a trial, run it, hand it back or tell its value, until the leader says stop."""

import os
import socket
import traceback
from typing import Any

import optuna
import tensorflow as tf
from optuna.trial import TrialState

from tuner import job as says
from tuner import startup, storage
from tuner.best import BestModel
from tuner.buffer import buffered
from tuner.environment import n_cores
from tuner.errors import as_tuner_error, one_line
from tuner.job import Work
from tuner.objective import Objective
from tuner.pool import Failed, Mail, Stop
from tuner.queue import claim, release
from tuner.resolve import resolve
from tuner.results import read
from tuner.study import load_study, make_pruner

_POLL = 0.05


class _StoppedError(Exception):
    """The running trial has to be handed back."""


def work(task: Work, mail: Mail) -> None:
    """Be a worker of a search: once its study is there, take trials until told to stop.

    What goes wrong before the first trial ends the search.
    """
    startup.quiet(verbose=task.job.verbose)
    set_threads(task.job.n_processes)
    try:
        _work(task, mail)
    except Exception as error:  # noqa: BLE001 (the leader raises it)
        if task.job.verbose:
            traceback.print_exc()
        mail.send(Failed(as_tuner_error(error)))


def set_threads(n_processes: int) -> None:
    """Give this process its share of the cores. Before TensorFlow has run."""
    n_threads = max(1, n_cores() // n_processes)
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(n_threads)


def _work(task: Work, mail: Mail) -> None:
    job = task.job

    def on_epoch(number: int, epoch: int, value: float) -> None:
        mail.send(says.Epoch(number, epoch, value))
        if isinstance(mail.order(), Stop):
            raise _StoppedError

    def notice(text: str) -> None:
        mail.send(says.Notice(text))

    resolved = resolve(job.definition, task.development)
    mail.send(says.Ready(resolved.definition, resolved.space))
    objective = Objective(resolved, task.development, on_epoch, notice)
    storage.warm_up()
    while mail.order(_POLL) is None:
        pass
    study = load_study(job.definition.name, buffered(storage.open_storage(job.url)))
    study.pruner = make_pruner(resolved.definition)
    best = BestModel(maximize=study.direction == optuna.study.StudyDirection.MAXIMIZE)
    try:
        _take_trials(study, objective, best, mail)
    finally:
        best.save(read(study), job.folder)
        mail.send(says.Spent("worker", dict(objective.clock.seconds)))


def _take_trials(study: optuna.Study, objective: Objective, best: BestModel, mail: Mail) -> None:
    while not isinstance(mail.order(), Stop):
        with objective.clock.spend("store"):
            trial = claim(study, objective.definition, objective.trainer.is_known)
        if trial is None:
            with objective.clock.spend("wait"):
                mail.order(_POLL)
            continue
        try:
            value = _run(study, objective, trial)
        except _StoppedError:
            return
        if value is not None:
            best.offer(trial.number, value, objective.trainer.saver)
        mail.send(says.Ended(trial.number))


def _run(study: optuna.Study, objective: Objective, trial: optuna.Trial) -> float | None:
    """Run a claimed trial and tell how it ended; its value where it is complete."""
    worker = {"worker": f"{socket.gethostname()}:{os.getpid()}"}
    try:
        value = objective(trial, worker)
    except optuna.TrialPruned:
        outcome: dict[str, Any] = {"state": TrialState.PRUNED}
    except _StoppedError:
        release(study, trial.number)
        raise
    except Exception as error:  # noqa: BLE001 (whatever a user's model raises is recorded)
        trial.set_user_attr("error", one_line(error))
        outcome = {"state": TrialState.FAIL}
    else:
        outcome = {"values": value}
    with objective.clock.spend("store"):
        study.tell(trial, **outcome)
    return outcome.get("values")
