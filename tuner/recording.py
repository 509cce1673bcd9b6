"""What a running trial writes into the store, many rows in one transaction."""

import time
from collections.abc import Mapping
from typing import Any

import optuna

from tuner.storage import write_rows

_INTERVAL = 0.5
"""Seconds between two writes; the epochs of slow trials are written one by one."""


class Record:
    """Reports and user attributes of a trial, kept until the next write.

    The trial itself knows them at once, so that a pruner sees every epoch.
    """

    def __init__(self, trial: optuna.Trial) -> None:
        self._trial = trial
        self._known = trial._cached_frozen_trial
        self._reports: dict[int, float] = {}
        self._attrs: dict[str, Any] = {}
        self._written = time.monotonic()

    def report(self, epoch: int, value: float) -> None:
        """Keep the value of an epoch; one that an earlier attempt reported stays."""
        if epoch not in self._known.intermediate_values:
            self._known.intermediate_values[epoch] = value
            self._reports[epoch] = value
        if time.monotonic() - self._written > _INTERVAL:
            self.write()

    def note(self, attrs: Mapping[str, Any]) -> None:
        """Keep user attributes."""
        self._known.user_attrs.update(attrs)
        self._attrs.update(attrs)

    def write(self) -> None:
        """Write what was kept, in one transaction."""
        if self._reports or self._attrs:
            write_rows(self._trial.storage, self._trial._trial_id, self._reports, self._attrs)
        self._reports, self._attrs = {}, {}
        self._written = time.monotonic()
