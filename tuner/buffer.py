"""The store as a worker sees it: what its trial writes goes there together, reads ask for news."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage, RDBStorage
from optuna.storages._cached_storage import _CachedStorage, _StudyInfo
from optuna.trial import FrozenTrial, TrialState

from tuner import rows
from tuner.rows import Rows

_WRITE_AFTER = 0.5
"""Seconds that a report waits at most; the epochs of slow trials are written one by one."""

_CURRENT = 0.05
"""Seconds for which a worker takes what it has read as current."""


class Buffer(_CachedStorage):
    """An Optuna storage for a process that runs one trial at a time.

    The params, reports and attributes of the trial that it claimed are kept until its state
    changes, `write` is called, or a report is half a second old, and are then written in one
    transaction. Waiting trials are read once, not each time the trials are asked for, and what was
    read counts as current for `current` seconds; what this process wrote always is.
    """

    def __init__(self, backend: RDBStorage, current: float) -> None:
        super().__init__(backend)
        self._current = current
        self._own: FrozenTrial | None = None
        self._rows = Rows()
        self._written = 0.0
        self._read: dict[int, float] = {}
        self._seen: dict[int, int] = {}

    def write(self) -> None:
        """Write what is kept."""
        if self._own is not None and self._rows != Rows():
            rows.write(self._backend, self._own._trial_id, self._rows)
            self._rows = Rows()
        self._written = time.monotonic()

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        self._read.clear()
        return super().create_new_trial(study_id, template_trial)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        own = self._is_own(trial_id)
        if own:
            self.write()
        changed = super().set_trial_state_values(trial_id, state, values)
        if changed and state == TrialState.RUNNING:
            self._own, self._rows = self._backend.get_trial(trial_id), Rows()
            self._written = time.monotonic()
            study_id, _ = self._trial_id_to_study_id_and_number[trial_id]
            self._keep(study_id, [self._own])
        elif own:
            trial = self._running()
            trial.state, trial.values = state, None if values is None else list(values)
            trial.datetime_complete = datetime.now() if state.is_finished() else None
            self._own = None
        else:
            self._read.clear()
        return changed

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        if not self._is_own(trial_id):
            super().set_trial_param(trial_id, param_name, param_value_internal, distribution)
            return
        self._rows.params[param_name] = (param_value_internal, distribution)
        own = self._running()
        own.params[param_name] = distribution.to_external_repr(param_value_internal)
        own.distributions[param_name] = distribution

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        if not self._is_own(trial_id):
            super().set_trial_intermediate_value(trial_id, step, intermediate_value)
            return
        self._rows.reports[step] = intermediate_value
        self._running().intermediate_values[step] = intermediate_value
        if time.monotonic() - self._written > _WRITE_AFTER:
            self.write()

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        if not self._is_own(trial_id):
            super().set_trial_user_attr(trial_id, key, value)
            return
        self._rows.user_attrs[key] = self._running().user_attrs[key] = value

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        if not self._is_own(trial_id):
            super().set_trial_system_attr(trial_id, key, value)
            return
        self._rows.system_attrs[key] = self._running().system_attrs[key] = value

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._running() if self._is_own(trial_id) else super().get_trial(trial_id)

    def _read_trials_from_remote_storage(self, study_id: int) -> None:
        if time.monotonic() - self._read.get(study_id, 0.0) < self._current:
            return
        known = self._studies.setdefault(study_id, _StudyInfo())
        seen = self._seen.get(study_id, -1)
        states = rows.open_trials(self._backend, study_id, seen)
        changed = {i for i, state in states.items() if state == TrialState.RUNNING}
        for trial in known.trials.values():
            if not trial.state.is_finished() and states.get(trial._trial_id) != trial.state:
                changed.add(trial._trial_id)
        if self._own is not None:
            changed.discard(self._own._trial_id)
        newest = max([seen, *states])
        if changed or newest > seen:
            self._keep(study_id, self._backend._get_trials(study_id, None, changed, seen))
            self._seen[study_id] = newest
        self._read[study_id] = time.monotonic()

    def _keep(self, study_id: int, trials: list[FrozenTrial]) -> None:
        with self._lock:
            self._add_trials_to_cache(study_id, trials)

    def _is_own(self, trial_id: int) -> bool:
        return self._own is not None and self._own._trial_id == trial_id

    def _running(self) -> FrozenTrial:
        assert self._own is not None  # noqa: S101
        return self._own


def buffered(storage: BaseStorage, current: float = _CURRENT) -> BaseStorage:
    """The same store for a worker; one that is no database stays as it is."""
    backend = getattr(storage, "_backend", None)
    return Buffer(backend, current) if isinstance(backend, RDBStorage) else storage
