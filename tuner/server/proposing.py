"""Params proposed and trials judged where the store is, by one process that has seen all trials."""

import threading
from collections.abc import Mapping
from typing import Any

from optuna.trial import FrozenTrial
from pydantic import TypeAdapter

from tuner.storage.lease import Lease
from tuner.storage.optuna_objects import WorkerStudy, claimed
from tuner.storage.worker_storage import WorkerStorage
from tuner.study.definition import StudyDefinition
from tuner.study.proposal import propose
from tuner.study.pruners import make_pruner
from tuner.study.samplers import make_sampler
from tuner.study.search_space import SearchSpace
from tuner.study.studies import definition_of, load_study

_SPACE = TypeAdapter(SearchSpace)


class Proposer:
    """What proposes and judges for the workers of a store, one trial after the other."""

    def __init__(self, store: WorkerStorage) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._studies: dict[str, tuple[WorkerStudy, StudyDefinition]] = {}

    def propose(self, study: str, trial_id: int, lease: Lease, space: str) -> FrozenTrial:
        """The trial of a lease with its params, which are written; those that it has are kept."""
        with self._lock:
            found, definition = self._study(study)
            self._store.adopt(found.id, trial_id, lease)
            try:
                own = self._store.get_trial(trial_id)
                found.sampler = make_sampler(definition, own.number)
                propose(claimed(found, trial_id), _SPACE.validate_json(space), definition)
                self._store.write()
                return own
            finally:
                self._store.abandon()

    def judge(
        self, study: str, trial_id: int, lease: Lease, reports: Mapping[int, float]
    ) -> tuple[bool, dict[str, Any]]:
        """Whether to give up a trial with these reports, and the attributes that say how far it is.

        They are written with the reports.
        """
        with self._lock:
            found, definition = self._study(study)
            self._store.adopt(found.id, trial_id, lease)
            try:
                for step, value in reports.items():
                    self._store.set_trial_intermediate_value(trial_id, step, value)
                own = self._store.get_trial(trial_id)
                before = dict(own.system_attrs)
                is_losing = bool(make_pruner(definition).prune(found, own))
                self._store.write()
                attrs = own.system_attrs
                return is_losing, {k: v for k, v in attrs.items() if before.get(k) != v}
            finally:
                self._store.abandon()

    def _study(self, name: str) -> tuple[WorkerStudy, StudyDefinition]:
        known = self._studies.get(name)
        if known is None or known[0].id != self._store.get_study_id_from_name(name):
            study = load_study(name, self._store)
            known = self._studies[name] = (study, definition_of(study))
        return known
