"""Optuna's studies and trials, with what they keep private: store, numbers in it, rungs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import RandomSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial

from tuner.storage.remote import Remote
from tuner.storage.tables import RUNG
from tuner.storage.worker_storage import WorkerStorage

S = TypeVar("S", bound=BaseStorage)


class StoredStudy(optuna.Study, Generic[S]):
    """A study with its store and its number there, which Optuna's own has under private names.

    What is made of trials that have ended may be `kept`, by their numbers, with what it is made of.
    """

    def __init__(self, name: str, store: S) -> None:
        super().__init__(name, store, RandomSampler())
        self.store = store
        self.id = store.get_study_id_from_name(name)
        self.kept: dict[int, tuple[FrozenTrial, Any]] = {}

    def trial_id(self, number: int) -> int:
        """The number in the store of trial `number` of the study."""
        return self.store.get_trial_id_from_study_id_trial_number(self.id, number)


WorkerStudy = StoredStudy[WorkerStorage]
"""A study whose trials can be claimed."""


def claimed(study: WorkerStudy, trial_id: int) -> Trial:
    """The trial of a study that was claimed under this number of the store."""
    return Trial(study, trial_id)


def begun_anew(trial: Trial) -> Trial:
    """The same trial, to be given params by the sampler that its study has now."""
    return Trial(trial.study, trial._trial_id)


def study_of(trial: Trial) -> optuna.Study:
    """The study of a trial."""
    return trial.study


def worker_storage_of(trial: Trial) -> WorkerStorage | None:
    """The store of a trial, where it is one that keeps what a trial writes."""
    return trial.storage if isinstance(trial.storage, WorkerStorage) else None


def proposed_there(trial: Trial, space: Callable[[], bytes]) -> Trial | None:
    """The same trial with params that a served store has proposed; None where none is served."""
    store = worker_storage_of(trial)
    if store is None or store.served is None:
        return None
    asked = (trial.study.study_name, trial._trial_id, store.lease, space().decode())
    store.fill_in(store.served.call("propose", *asked))
    return begun_anew(trial)


class ServedPruner(BasePruner):
    """Asks a store that is served whether a trial is losing: it has the reports of all others."""

    def __init__(self, store: WorkerStorage, served: Remote) -> None:
        self._store, self._served = store, served

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        asked = (trial._trial_id, self._store.lease, trial.intermediate_values)
        is_losing, reached = self._served.call("judge", study.study_name, *asked)
        for name, value in reached.items():
            self._store.set_trial_system_attr(trial._trial_id, name, value)
        return bool(is_losing)


@contextmanager
def sampling(trial: Trial, store: WorkerStorage) -> Iterator[list[FrozenTrial]]:
    """Inside this block a sampler is given what it needs of the other trials, read once."""
    study = trial.study
    study._thread_local.cached_all_trials = None
    if isinstance(study, StoredStudy):
        study_id = study.id
    else:
        study_id = store.get_study_id_from_name(study.study_name)
    with store.sampling(study_id) as known:
        yield known
    study._thread_local.cached_all_trials = None


def rungs(trial: Trial) -> dict[str, Any]:
    """The rungs that a trial has reached, as successive halving remembers them."""
    attrs = trial.storage.get_trial(trial._trial_id).system_attrs
    return {name: value for name, value in attrs.items() if name.startswith(RUNG)}


def set_rungs(trial: Trial, reached: Mapping[str, Any]) -> None:
    """Have a trial that goes on from its checkpoint be at these rungs."""
    for name, value in reached.items():
        trial.storage.set_trial_system_attr(trial._trial_id, name, value)
