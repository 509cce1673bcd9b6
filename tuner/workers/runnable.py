"""A study of the store that this process can run: its data, its objective, its listener."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuner.comparison.companion import is_comparison, split_of
from tuner.comparison.rounds import fill as fill_comparison
from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset, open_sealed
from tuner.errors import UsageError
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.proposal import read_to_learn
from tuner.study.pruners import pruner_for
from tuner.study.studies import definition_of
from tuner.study.submission import once
from tuner.study.trial_queue import count, longest_epoch
from tuner.workers.bundled import in_place
from tuner.workers.channel import Stopping
from tuner.workers.checkpoint import Checkpoints
from tuner.workers.listener import Listener
from tuner.workers.messages import Epoch
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve
from tuner.workers.trial_run import StoppedError
from tuner.workers.watch import Limits


@dataclass(frozen=True)
class Runnable:
    """A study whose trials this process can run."""

    study: WorkerStudy
    objective: Objective
    listener: Listener
    notice: Callable[[str], None]
    limits: Limits

    def fill(self, budget: int) -> None:
        """Queue what is missing; a grid of fewer points than asked for has them as its budget."""
        if is_comparison(self.study):
            fill_comparison(self.study)
            return
        space, definition = self.objective.recipes.resolved.space, self.objective.definition
        reachable = fill_queue(self.study, space, definition, budget, self.notice)
        if reachable != budget:
            attrs.BUDGET.set(self.study, reachable)


def make_runnable(
    study: WorkerStudy,
    listener: Listener,
    checkpoints: Path,
    stopping: Stopping,
    tell: Callable[[Epoch], None] = lambda epoch: None,
    *,
    unpacks: bool = False,
) -> Runnable:
    """Open the data of a study and begin to listen; its trial ends early once `stopping` is set.

    `tell` hears of every epoch. Where it `unpacks`, code that the study brings in a bundle is run.
    Raises UsageError where the data here are others.
    """
    definition = in_place(study, definition_of(study), is_trusted=unpacks)
    dataset = _dataset(study, definition)

    def on_epoch(number: int, epoch: int, value: float) -> None:
        listener.epoch(number, epoch, value)
        tell(Epoch(number, epoch, value, os.getpid()))
        if stopping.is_set():
            raise StoppedError

    is_compared = is_comparison(study)
    if not is_compared:
        read_to_learn(study, definition)
    resolved = resolve(definition, dataset.train_validation, is_compared=is_compared)
    for note in resolved.notes:
        listener.notice(note)
    objective = Objective(
        resolved,
        resolved.data,
        on_epoch,
        listener.notice,
        Checkpoints(checkpoints),
        dataset.fingerprint,
    )
    study.pruner = pruner_for(study, objective.definition)
    limits = Limits.of(objective.definition.training, longest_epoch(study, definition))
    budget = attrs.BUDGET.of(study.user_attrs) or 0
    listener.begin(count(study), budget, definition.n_steps * definition.step_epochs)
    return Runnable(study, objective, listener, once(listener.notice), limits)


def _dataset(study: WorkerStudy, definition: StudyDefinition) -> Dataset:
    if is_comparison(study):
        dataset = open_sealed(definition.data_settings, split_of(study))
    else:
        dataset = open_dataset(definition.data_settings)
    name, stored, n_train = study.study_name, study.user_attrs, dataset.train_validation.n_train
    if attrs.DATA.of(stored) != dataset.fingerprint:
        raise UsageError(f"study {name!r} was made with other data than {definition.data} here")
    if attrs.N_TRAIN.of(stored) not in (None, n_train):
        raise UsageError(
            f"study {name!r} was trained on {attrs.N_TRAIN.of(stored)} rows by an earlier tuner, it"
            f" would be on {n_train} now: remove it with 'tuner delete {name}'"
        )
    return dataset
