"""What follows a search, or the trials of one study, while they run."""

from collections.abc import Mapping
from typing import Protocol

from tuner.study.results import Results
from tuner.study.trial_queue import Counts


class Listener(Protocol):
    """It is told of every trial that ends, and of the epochs of those that this process runs."""

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """The first trial begins, with these in the store, of so many epochs."""

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """A trial has done an epoch."""

    def trial(self, results: Results, number: int, finished: int) -> None:
        """A trial has ended, as one of so many that are finished then."""

    def notice(self, text: str) -> None:
        """Something that the user should read, once."""

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Where the seconds of a process went."""
