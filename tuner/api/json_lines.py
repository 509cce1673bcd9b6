"""A study that is followed as JSON lines: every epoch, every trial, every notice."""

from collections.abc import Mapping
from typing import Any

from tuner import logs
from tuner.study.results import Results
from tuner.study.trial_queue import Counts


class JsonLines:
    """One object a line, with the study and the trial that it is about."""

    def __init__(self, study: str) -> None:
        self._study = study

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """How much is already done."""
        self._say("begin", finished=counts.finished, budget=budget, epochs=epochs)

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """An epoch, and the metric after it."""
        self._say("epoch", trial=number, epoch=epoch, value=value)

    def trial(self, results: Results, number: int, finished: int) -> None:
        """How a trial ended, and where."""
        row = next(each for each in results.trials if each.number == number)
        value = row.value if row.value is not None else row.last_value
        self._say(
            "trial",
            trial=number,
            worker=row.worker,
            state=row.state.lower(),
            metric=results.metric,
            value=value,
            epoch=row.n_epochs,
            seconds=row.seconds,
            params=dict(row.params),
            error=row.error,
            finished=finished,
        )

    def notice(self, text: str) -> None:
        """Something that the user should read."""
        logs.say("notice", text, study=self._study)

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Where the seconds of a process went."""
        self._say("spent", of=process, seconds=dict(seconds))

    def _say(self, event: str, **fields: Any) -> None:
        logs.say(event, study=self._study, **fields)
