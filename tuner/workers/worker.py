"""Claim a trial, run it, hand it back or tell its value, until there is no more to do."""

import os
import traceback
from typing import Any

import optuna
import tensorflow as tf
from joblib import cpu_count
from optuna.trial import TrialState

from tuner.comparison.companion import is_comparison
from tuner.errors import StoreError, as_tuner_error, one_line, with_place
from tuner.storage.connect import open_storage, patience, warm_up
from tuner.storage.lease import LostTrialError
from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.worker_storage import CURRENT
from tuner.study import attrs
from tuner.study.proposal import read_to_learn
from tuner.study.pruners import pruner_for
from tuner.study.reading import read
from tuner.study.studies import load_study
from tuner.study.trial_queue import claim, longest_epoch
from tuner.workers import messages as says
from tuner.workers import runtime
from tuner.workers.best_model import BestModel
from tuner.workers.channel import Failed, Line, Stop
from tuner.workers.checkpoint import Checkpoints
from tuner.workers.heartbeat import Heartbeat
from tuner.workers.messages import Work
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve
from tuner.workers.trial_run import StoppedError
from tuner.workers.watch import Limits

_POLL = 0.05
_PASSING = (tf.errors.ResourceExhaustedError, MemoryError, OSError)
"""What may not happen again: another attempt is worth it."""


def work(task: Work, channel: Line) -> None:
    """Be a worker of a search: once its study is there, take trials until told to stop.

    What goes wrong before the first trial ends the search.
    """
    runtime.quiet(verbose=task.request.verbose)
    set_threads(task.request.n_processes)
    try:
        _work(task, channel)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the leader raises it)
        if task.request.verbose:
            traceback.print_exc()
        channel.send(Failed(as_tuner_error(error)))


def set_threads(n_processes: int) -> None:
    """Give this process its share of the cores. Before TensorFlow has run."""
    n_threads = max(1, cpu_count() // n_processes)
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(n_threads)


def _work(task: Work, channel: Line) -> None:
    request = task.request

    def on_epoch(number: int, epoch: int, value: float) -> None:
        channel.send(says.Epoch(number, epoch, value, os.getpid()))
        if isinstance(channel.order(), Stop):
            raise StoppedError

    def notice(text: str) -> None:
        channel.send(says.Notice(text))

    is_compared = bool(request.study)
    resolved = resolve(request.definition, task.train_validation, is_compared=is_compared)
    channel.send(says.Ready(resolved.definition, resolved.space, resolved.notes))
    checkpoints = Checkpoints(request.folder / "checkpoints")
    objective = Objective(resolved, resolved.data, on_epoch, notice, checkpoints, task.fingerprint)
    warm_up()
    while channel.order(_POLL) is None:
        pass
    store = open_storage(request.url, wait=patience(), patience=patience(), current=CURRENT)
    study = load_study(request.study or request.definition.name, store)
    study.pruner = pruner_for(study, resolved.definition)
    if not is_compared:
        read_to_learn(study, resolved.definition)
    best = BestModel(maximize=study.direction == optuna.study.StudyDirection.MAXIMIZE)
    with Heartbeat(store, request.heartbeat) as heartbeat:
        _take_trials(study, objective, best, channel, heartbeat)
    if not is_comparison(study):
        try:
            best.save(read(study), request.folder)
        except (OSError, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever a user's layer raises when it is saved)
            notice(f"best.keras is not written: {one_line(error)}")
    channel.send(says.Spent("worker", dict(objective.clock.seconds)))


def _take_trials(
    study: WorkerStudy,
    objective: Objective,
    best: BestModel,
    channel: Line,
    heartbeat: Heartbeat,
) -> None:
    is_known = objective.recipes.is_known
    definition = objective.definition
    limits = Limits.of(definition.training, longest_epoch(study, definition))
    while not isinstance(channel.order(), Stop):
        heartbeat.check()
        with objective.clock.spend("store"):
            trial = claim(study, objective.definition, is_known, heartbeat.seconds)
        if trial is None:
            with objective.clock.spend("wait"):
                channel.order(_POLL)
            continue
        channel.send(says.Began(os.getpid(), study.study_name, trial.number, limits))
        try:
            value = run_trial(study, objective, trial)
        except StoppedError:
            return
        if value is not None:
            best.offer(trial.number, value, objective.trainer.saver)
        channel.send(says.Ended(trial.number, os.getpid()))


def run_trial(study: WorkerStudy, objective: Objective, trial: optuna.Trial) -> float | None:
    """Run a claimed trial and tell how it ended; its value where it is complete.

    Raises StoppedError once the trial is handed back, StoreError where the store fails.
    """
    try:
        outcome = _outcome(objective, trial)
        with objective.clock.spend("store"):
            if outcome is None:
                study.store.release()
                raise StoppedError
            if "passing" in outcome:
                study.store.retry(outcome["passing"], is_own=outcome["is_own"])
            else:
                study.tell(trial, **outcome)
    except LostTrialError:
        study.store.abandon()
        objective.checkpoints.drop(trial.number)
        return None
    return outcome.get("values")


def _outcome(objective: Objective, trial: optuna.Trial) -> dict[str, Any] | None:
    """How a trial ended, as `study.tell` takes it, or what kept it from ending that may pass.

    None where it was stopped.
    """
    try:
        return {"values": objective(trial)}
    except optuna.TrialPruned:
        return {"state": TrialState.PRUNED}
    except StoppedError:
        return None
    except (LostTrialError, StoreError):
        raise
    except _PASSING as error:
        return {"passing": with_place(error), "is_own": not isinstance(error, OSError)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a user's model raises is recorded)
        attrs.ERROR.set(trial, with_place(error))
        return {"state": TrialState.FAIL}
