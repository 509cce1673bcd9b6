"""What leads a worker that runs in the same process."""

from collections.abc import Callable
from typing import Any

from tuner.study.submission import Submission
from tuner.workers import messages as says
from tuner.workers.channel import Failed, Stop


class Leader:
    """Stands for the worker's line to its leader: queues `n_trials`, and stops it after them.

    `ended` is called after each trial.
    """

    def __init__(self, work: says.Work, n_trials: int, ended: Callable[[], None]) -> None:
        self._work, self._left, self._ended = work, n_trials, ended

    def send(self, message: Any) -> None:
        match message:
            case says.Ready(definition, space):
                given = self._work.train_validation, self._work.fingerprint
                Submission(self._work.request.url, definition, space, *given).fill()
            case says.Ended():
                self._left -= 1
                self._ended()
            case Failed(error=error):
                raise error

    def order(self, _seconds: float = 0.0) -> Any:
        return says.Go() if self._left else Stop()
