"""The store as a worker sees it: what its trial writes goes there together, reads ask for news."""

import copy
import math
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from optuna.distributions import BaseDistribution
from optuna.storages._cached_storage import _CachedStorage, _StudyInfo
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.storage import tables, transactions, trials
from tuner.storage.claimed import ClaimedTrial
from tuner.storage.known import Known
from tuner.storage.lease import Lease, new_lease
from tuner.storage.rdb import Database
from tuner.storage.remote import Remote
from tuner.storage.sample import sample
from tuner.storage.settings import HEARTBEAT

CURRENT = 0.05
"""Seconds for which a worker takes what it has read as current."""


class WorkerStorage(_CachedStorage):
    """An Optuna storage for a process that runs one trial at a time.

    What the trial that it claimed writes is kept for a while (`ClaimedTrial`). Waiting trials are
    read once, not each time the trials are asked for, and what was read counts as current for
    `current` seconds; what this process wrote always is.

    A store that is `served` stands for a database: what is done to one is asked of it.
    """

    def __init__(self, backend: Database | Remote, current: float) -> None:
        super().__init__(cast("Database", backend))
        self.database = cast("Database", backend)
        self.served = backend if isinstance(backend, Remote) else None
        self._current = current
        self._own: ClaimedTrial | None = None
        self._known: dict[int, Known] = {}
        self._few: list[FrozenTrial] | None = None
        self._read: dict[int, float] = {}
        self._seen: dict[int, int] = {}
        self._open: dict[int, dict[int, FrozenTrial]] = {}
        self._sampled: set[int] = set()
        self.n_lost = 0

    def claim(
        self, study_id: int, heartbeat: float = HEARTBEAT, preferred: Sequence[int] = ()
    ) -> int | None:
        """Take a waiting trial, of `preferred` ids if one waits; its id, or None if none does."""
        lease = new_lease(heartbeat)
        found = self.database.do(transactions.claim, study_id, lease, list(preferred))
        if found is None:
            return None
        self._take(study_id, found._trial_id, found, lease, time.monotonic())
        return found._trial_id

    def adopt(self, study_id: int, trial_id: int, lease: Lease) -> None:
        """Take up a trial that another process has claimed, to write it under its lease."""
        begun = self.database.ask(trials.begun, trial_id)
        self._take(study_id, trial_id, begun, lease, math.inf)

    def _take(
        self, study_id: int, trial_id: int, trial: FrozenTrial, lease: Lease, since: float
    ) -> None:
        self._own = ClaimedTrial(self.database, trial_id, trial, lease, since)
        self._trial_id_to_study_id_and_number[trial_id] = (study_id, trial.number)
        self._keep(study_id, [trial])

    def fill_in(self, proposed: FrozenTrial) -> None:
        """Give the claimed trial params that were proposed and written elsewhere."""
        own = self._running().trial
        own.params, own.distributions = proposed.params, proposed.distributions

    @property
    def lease(self) -> Lease:
        """That of the claimed trial."""
        return self._running().lease

    def progress(self) -> None:
        """Note that the claimed trial has done an epoch."""
        if self._own is not None:
            self._own.progress()

    def beat(self) -> None:
        """Give a sign of life of the claimed trial; what writes it fails once it is another's."""
        own = self._own
        if own is not None:
            own.beat()

    def write(self) -> None:
        """Write what is kept; LostTrialError where the trial has gone to another worker."""
        if self._own is not None:
            self._own.write()

    def redraw(self) -> None:
        """Forget the params of the claimed trial, none of which is written yet."""
        self._running().redraw()

    def release(self) -> None:
        """Hand the claimed trial back to the queue; LostTrialError where it is another's."""
        self._end(TrialState.WAITING, None)

    def retry(self, reason: str, *, is_own: bool = False) -> bool:
        """Hand back a trial that met something that may pass; whether it has an attempt left."""
        left = self._running().retry(reason, is_own=is_own)
        self._let_go()
        return left

    def abandon(self) -> None:
        """Forget the claimed trial, which is another's by now."""
        self.n_lost += 1
        self._let_go()

    def forget(self) -> None:
        """Take nothing that was read as current any more."""
        self._read.clear()

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        self.forget()
        return super().create_new_trial(study_id, template_trial)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        if self._is_own(trial_id):
            self._end(state, values)
            return True
        self.forget()
        return super().set_trial_state_values(trial_id, state, values)

    def _end(self, state: TrialState, values: Sequence[float] | None) -> None:
        self._running().end(state, values)
        self._own = None

    def _let_go(self) -> None:
        self._running().trial.state = TrialState.WAITING
        self._own = None
        self.forget()

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        if self._is_own(trial_id):
            self._running().set_param(param_name, param_value_internal, distribution)
        else:
            super().set_trial_param(trial_id, param_name, param_value_internal, distribution)

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        if self._is_own(trial_id):
            self._running().report(step, intermediate_value)
        else:
            super().set_trial_intermediate_value(trial_id, step, intermediate_value)

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        if self._is_own(trial_id):
            self._running().set_user_attr(key, value)
        else:
            super().set_trial_user_attr(trial_id, key, value)

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        if self._is_own(trial_id):
            self._running().set_system_attr(key, value)
        else:
            super().set_trial_system_attr(trial_id, key, value)

    def read_few(self, study_id: int) -> None:
        """Have this process read no more of a study than its sampler and its pruner learn from.

        Of more than 2000 trials that have ended before it looks so many are read, and the best one.
        A store that is served has them read by its server.
        """
        if self.served is None:
            self._sampled.add(study_id)

    @contextmanager
    def sampling(self, study_id: int) -> Iterator[list[FrozenTrial]]:
        """Inside this block trials are read once, as a sampler needs them: no more than 500.

        It gives all that have params. Attributes, reports of trials but the last of a pruned one,
        and times are not read.
        """
        known = self._known.setdefault(study_id, Known(self.database, study_id))
        known.read()
        self._few = known.few(self.get_study_directions(study_id)[0])
        try:
            yield known.all
        finally:
            self._few = None

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        if self._few is None:
            return super().get_all_trials(study_id, deepcopy, states)
        found = [each for each in self._few if states is None or each.state in states]
        return copy.deepcopy(found) if deepcopy else found

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._running().trial if self._is_own(trial_id) else super().get_trial(trial_id)

    def _read_trials_from_remote_storage(self, study_id: int) -> None:
        if time.monotonic() - self._read.get(study_id, 0.0) < self._current:
            return
        self._studies.setdefault(study_id, _StudyInfo())
        seen = self._seen.get(study_id, -1)
        states = self.database.do(tables.open_trials, study_id, seen)
        changed = {i for i, state in states.items() if state == TrialState.RUNNING}
        still = {i: each for i, each in self._open.get(study_id, {}).items() if _is_open(each)}
        changed |= {i for i, each in still.items() if states.get(i) != each.state}
        self._open[study_id] = still
        if self._own is not None:
            changed.discard(self._own.id)
        newest = max([seen, *states])
        if seen < 0 and study_id in self._sampled:
            changed, seen = self._few_of(study_id, states), newest
        if changed or newest > seen:
            found = self.database._get_trials(study_id, None, changed, seen, lazily=True)
            self._keep(study_id, [each for each in found if not self._is_own(each._trial_id)])
            self._seen[study_id] = newest
        self._read[study_id] = time.monotonic()

    def _few_of(self, study_id: int, states: Mapping[int, TrialState]) -> set[int]:
        """Of all trials of a study those that have not ended, and some of the others."""
        ended = sorted(i for i, state in states.items() if state.is_finished())
        maximize = self.get_study_directions(study_id)[0] == StudyDirection.MAXIMIZE
        few = self.database.ask(sample, study_id, ended, maximize=maximize)
        return few | (states.keys() - set(ended))

    def _keep(self, study_id: int, trials: list[FrozenTrial]) -> None:
        with self._lock:
            self._add_trials_to_cache(study_id, trials)
            self._open.setdefault(study_id, {}).update((each._trial_id, each) for each in trials)

    def _is_own(self, trial_id: int) -> bool:
        return self._own is not None and self._own.id == trial_id

    def _running(self) -> ClaimedTrial:
        assert self._own is not None  # noqa: S101
        return self._own


def _is_open(trial: FrozenTrial) -> bool:
    return not trial.state.is_finished()
