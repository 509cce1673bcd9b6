"""The trial that a worker has claimed: what it writes is kept, and goes to the store together."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from tuner.storage import transactions
from tuner.storage.lease import Lease, LostTrialError
from tuner.storage.rdb import Database
from tuner.storage.tables import RELATIVE, TrialRecord

_WRITE_AFTER = 0.5
"""Seconds that a report waits at most, up to ten times as many in trials that take longer."""


class ClaimedTrial:
    """A running `trial` under a lease, as its worker knows it, and what is not written of it yet.

    Params, reports and attributes are kept until its state changes, `write` is called, or a report
    is half a second old (up to five in a trial that takes longer: a tenth of its time), and are
    then written in one transaction. It was begun at `since`, by a monotonic clock: after infinity a
    report is not written by its age before the first `write`.
    """

    def __init__(
        self, database: Database, trial_id: int, trial: FrozenTrial, lease: Lease, since: float
    ) -> None:
        self.id, self.trial, self.lease = trial_id, trial, lease
        self._database = database
        self._record = TrialRecord()
        self._since = self._written = self._progressed = since
        self._is_lost = False

    def progress(self) -> None:
        """Note that an epoch is done."""
        self._progressed = time.monotonic()

    def beat(self) -> None:
        """Give a sign of life; reports fail once the trial is another's."""
        idle = time.monotonic() - self._progressed
        step = max(self.trial.intermediate_values, default=0)
        if not self._database.do(transactions.beat, self.id, self.lease, idle, step):
            self._is_lost = True

    def write(self) -> None:
        """Write what is kept; LostTrialError where the trial has gone to another worker."""
        if self._record != TrialRecord():
            self._database.do(transactions.write, self.id, self.lease, self._record)
            self._record = TrialRecord()
        self._written = time.monotonic()

    def redraw(self) -> None:
        """Forget the params, none of which is written yet."""
        self.trial.params, self.trial.distributions = {}, {}
        self._record.params.clear()

    def end(self, state: TrialState, values: Sequence[float] | None) -> None:
        """Write what is kept and the state, in one transaction; LostTrialError as for `write`."""
        given = (self.id, self.lease, self._record)
        if state == TrialState.WAITING:
            self._database.do(transactions.release, *given)
        else:
            self._database.do(transactions.finish, *given, state, values)
        self.trial.state, self.trial.values = state, None if values is None else list(values)
        self.trial.datetime_complete = datetime.now() if state.is_finished() else None

    def retry(self, reason: str, *, is_own: bool) -> bool:
        """Hand it back with one attempt less; whether it has one left."""
        given = (self.id, self.lease, reason)
        return self._database.do(transactions.retry, *given, is_own=is_own)

    def set_param(self, name: str, value: float, distribution: BaseDistribution) -> None:
        """Keep a param, by its internal value."""
        self._record.params[name] = (value, distribution)
        self.trial.params[name] = distribution.to_external_repr(value)
        self.trial.distributions[name] = distribution

    def report(self, step: int, value: float) -> None:
        """Keep a report, and write what is kept where something has waited for long enough."""
        if self._is_lost:
            raise LostTrialError("the trial was taken by another worker")
        self._record.reports[step] = self.trial.intermediate_values[step] = value
        now = time.monotonic()
        waits = min(10 * _WRITE_AFTER, max(_WRITE_AFTER, (now - self._since) / 10))
        if now - self._written > waits:
            self.write()

    def set_user_attr(self, key: str, value: Any) -> None:
        """Keep an attribute."""
        self._record.user_attrs[key] = self.trial.user_attrs[key] = value

    def set_system_attr(self, key: str, value: Any) -> None:
        """Keep an attribute of Optuna's."""
        self.trial.system_attrs[key] = value
        if not key.startswith(RELATIVE):  # for others until there are params, which come with it
            self._record.system_attrs[key] = value
