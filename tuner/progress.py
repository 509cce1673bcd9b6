"""What stderr shows while a search runs: a bar on a terminal, a line a trial on a pipe."""

import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tuner.queue import Counts
from tuner.results import Results, TrialRow
from tuner.wording import number, number_or_dash, params_text


def listener(*, quiet: bool, verbose: bool = False) -> "Bar | Lines":
    """A progress bar on a terminal, a line a trial on a pipe, nothing where `quiet`.

    Where `verbose`, what the seconds of every worker were spent on at the end.
    """
    if quiet:
        return Silent()
    return Bar(verbose=verbose) if sys.stderr.isatty() else Lines(verbose=verbose)


def worker_lines(study: str, *, quiet: bool) -> "Lines":
    """A line a trial, with the name of its study, for a worker of many studies."""
    return Silent() if quiet else Lines(prefix=f"{study} ")


class Bar:
    """One progress bar for the whole study, on a terminal."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task("trials", total=None, note="starting")
        self._clock = _Clock()
        self._note = ""

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, counts: Counts, budget: int) -> None:
        """Show how much is already done."""
        self._clock.begin(counts.finished, budget)
        self._progress.update(self._task, completed=counts.finished, total=budget, note="")

    def epoch(self, number: int, epoch: int, _value: float) -> None:
        """Show which epoch is done."""
        note = f"trial {number} epoch {epoch}{self._note}"
        self._progress.update(self._task, note=note)

    def trial(self, results: Results, _number: int, finished: int) -> None:
        """Show the best so far and the time left."""
        best = results.best
        text = (
            f"best {number_or_dash(best)}: {params_text(best.params, results.fixed)}"
            if best
            else ""
        )
        self._note = (
            f" | {escape(text)} | {results.counts.pruned} pruned | ETA {self._clock.eta(finished)}"
        )
        self._progress.update(self._task, completed=finished, note=self._note.strip(" |"))

    def notice(self, text: str) -> None:
        """Print it above the bar."""
        self._progress.console.print(escape(text))

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Print where the time went."""
        if self._verbose:
            self.notice(split(process, seconds))


class Lines:
    """One plain line a trial, for a pipe or a log."""

    def __init__(self, *, verbose: bool = False, prefix: str = "") -> None:
        self._verbose = verbose
        self._prefix = prefix
        self._clock = _Clock()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to put back."""

    def begin(self, counts: Counts, budget: int) -> None:
        """Say how much is already done."""
        self._clock.begin(counts.finished, budget)
        if counts.finished:
            self._say(f"{counts.finished} of {budget} trials were finished before")

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """Epochs are not worth a line."""

    def trial(self, results: Results, number: int, finished: int) -> None:
        """Say how a trial ended."""
        row = next(row for row in results.trials if row.number == number)
        self._say(
            f"[{finished}/{self._clock.budget}] trial {number} {row.state.lower()}"
            f" {_outcome(row, results.metric)}: {params_text(row.params, without=results.fixed)}"
            f" (best {number_or_dash(results.best)}, ETA {self._clock.eta(finished)})"
        )

    def notice(self, text: str) -> None:
        """Say it."""
        self._say(text)

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Say where the time went."""
        if self._verbose:
            self._say(split(process, seconds))

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{self._prefix}{text}\n")
        sys.stderr.flush()


class Silent(Lines):
    """Nothing at all, for --quiet."""

    def _say(self, text: str) -> None:
        pass


class _Clock:
    """The time a study still needs, from the trials that this process has seen finish."""

    def begin(self, finished: int, budget: int) -> None:
        self.budget = budget
        self._finished = finished
        self._started = time.monotonic()

    def eta(self, finished: int) -> str:
        done = finished - self._finished
        if done <= 0:
            return "?"
        seconds = (time.monotonic() - self._started) / done * max(0, self.budget - finished)
        return duration(seconds)


def split(process: str, seconds: Mapping[str, float]) -> str:
    """What the seconds of a process were spent on."""
    parts = (f"{name} {value:.2f}" for name, value in seconds.items())
    return f"seconds of a {process}: {', '.join(parts)}"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _outcome(row: TrialRow, metric: str) -> str:
    if row.error:
        return row.error
    return f"{metric} {number(row.value if row.value is not None else row.last_value)}"
