"""Trials that are interrupted, and go on."""

import optuna
from optuna.trial import TrialState, create_trial

from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.optuna_objects import StoredStudy
from tuner.study import attrs
from tuner.study.pruners import make_pruner
from tuner.study.trial_queue import claim
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve
from tuner.workers.trial_run import StoppedError


class Stop:
    """Ends the trial after an epoch, the first time."""

    def __init__(self, epoch):
        self.epoch, self.epochs = epoch, []

    def __call__(self, number, epoch, value):
        self.epochs.append(epoch)
        if epoch == self.epoch:
            raise StoppedError


def study_of(place, definition, name, params):
    store = open_storage(f"sqlite:///{place}/store.db", create=True)
    optuna.create_study(storage=store, study_name=name, direction="maximize")
    study = StoredStudy(name, store)
    metric = definition.metric or "accuracy"
    attrs.DEFINITION.set(study, definition.model_copy(update={"metric": metric}).to_table())
    study.pruner = make_pruner(definition)
    trial = create_trial(state=TrialState.WAITING, system_attrs={"fixed_params": params})
    enqueue(store.database, study.id, lambda *_: [trial])
    return study


def objective_of(definition, dataset, watch, checkpoints=None):
    """What trains the trials of a study in one process."""
    data = dataset.train_validation
    resolved = resolve(definition, data)
    return Objective(resolved, data, watch, checkpoints=checkpoints, fingerprint="data")


def run(study, definition, objective, watch):
    """The value of the trial and the epochs that it trained; None where it was interrupted."""
    trial, watch.epochs = claim(study, definition), []
    try:
        value = objective(trial)
    except StoppedError:
        study.store.release()
        return None, watch.epochs
    study.tell(trial, value)
    return value, watch.epochs
