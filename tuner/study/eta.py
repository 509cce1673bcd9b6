"""How long a study still needs, from the epochs that are being done."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tuner.study import attrs
from tuner.study.results import Results, TrialRow


@dataclass(frozen=True)
class Missing:
    """`n_trials` of so many epochs each are not finished; of those that run, epochs are `done`."""

    n_trials: int
    epochs_each: float
    done: int

    def seconds(self, per_epoch: float | None) -> float | None:
        """How long they take, with so many seconds for an epoch of all workers together.

        None where that has not been measured.
        """
        if self.n_trials <= 0:
            return 0.0
        if per_epoch is None:
            return None
        return max(0.0, self.n_trials * self.epochs_each - self.done) * per_epoch


class Eta:
    """Epochs a second of the whole study, and how many its missing trials will have.

    A trial has as many as those that are finished on average, pruned ones included; before one is,
    as many as it may have.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.finished = self.budget = 0
        self._each = 0.0
        self._done = 0
        self._running: dict[int, int] = {}
        self._ended: dict[int, TrialRow] = {}
        self._began = now()

    def begin(self, finished: int, budget: int, epochs: int) -> None:
        """So many trials are finished of so many, which may have so many epochs."""
        self.finished, self.budget, self._each = finished, budget, epochs
        self._began = self._now()

    def epoch(self, number: int, epoch: int) -> None:
        """A trial has done an epoch."""
        self._running[number] = epoch

    def trial(self, results: Results, number: int, finished: int) -> TrialRow:
        """A trial has ended, which is given back; so many are finished now."""
        row = next(row for row in results.trials if row.number == number)
        self._running.pop(number, None)
        self._done += row.n_epochs
        self.finished, self.budget = finished, attrs.BUDGET.of(results.attrs) or self.budget
        self._ended |= {each.number: each for each in results.trials if each.is_finished}
        self._each = mean_epochs(self._ended.values()) or self._each
        return row

    @property
    def seconds_left(self) -> float | None:
        """None where nothing has been measured."""
        running = sum(self._running.values())
        passed, done = self._now() - self._began, self._done + running
        missing = Missing(self.budget - self.finished, self._each, running)
        return missing.seconds(passed / done if done else None)


def mean_epochs(rows: Iterable[TrialRow]) -> float | None:
    """The epochs of a trial that has finished, on average; None where none has."""
    epochs = [row.n_epochs for row in rows if row.is_finished]
    return sum(epochs) / len(epochs) if epochs else None
