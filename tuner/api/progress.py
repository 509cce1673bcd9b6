"""What stderr shows while a search runs: a bar on a terminal, a line a trial on a pipe."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tuner import logs
from tuner.api import cell, wording
from tuner.api.cell import Cell
from tuner.api.json_lines import JsonLines
from tuner.study.eta import Eta
from tuner.study.formatting import duration, number
from tuner.study.results import Results, TrialRow
from tuner.study.summary import number_or_dash, params_text
from tuner.study.trial_queue import Counts


@contextlib.contextmanager
def listening(
    *,
    quiet: bool,
    verbose: bool = False,
    of_many: bool = False,
    words: Callable[[str], str] = str,
) -> Iterator[Callable[[str], "Bar | Lines | JsonLines"]]:
    """What gives each study, by its name, a bar on a terminal, or a line a trial on a pipe.

    Lines are JSON, on a terminal too, where `logs` are.

    Nothing where `quiet`; where `verbose`, what the seconds of every worker were spent on at the
    end. A line begins with the name of its study where it is one `of_many`; notices are said in
    other `words`.
    """
    if quiet:
        yield lambda name: Silent()
    elif logs.is_json():
        yield JsonLines
    elif not sys.stderr.isatty():
        yield lambda name: Lines(verbose=verbose, prefix=f"{name} " if of_many else "", words=words)
    else:
        with bars(Console(stderr=True)) as progress:
            yield lambda name: Bar(progress, name, verbose=verbose, words=words)


@contextlib.contextmanager
def in_python(
    *, quiet: bool = False
) -> Iterator[Callable[[str], "Bar | Lines | JsonLines | Cell"]]:
    """As `listening`, for a notebook or script: a line in the output of a cell, renewed.

    Where logging of "tuner" is on for INFO, each trial is a record of that instead.
    """
    if logging.getLogger("tuner").isEnabledFor(logging.INFO):
        yield lambda name: Logged(words=wording.in_python)
    elif not quiet and cell.is_here():
        with cell.cells() as listen:
            yield listen
    else:
        with listening(quiet=quiet, words=wording.in_python) as listen:
            yield listen


def bars(console: Console) -> Progress:
    """Room for the bars of several studies."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns, console=console)


class Bar:
    """One progress bar for a whole study, on a terminal."""

    def __init__(
        self,
        progress: Progress,
        name: str,
        *,
        verbose: bool = False,
        words: Callable[[str], str] = str,
    ) -> None:
        self._progress, self._verbose, self._words = progress, verbose, words
        self._task = progress.add_task(escape(name), total=None, note="starting TensorFlow")
        self._pace = Eta()
        self._running = self._known = ""

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """Show how much is already done."""
        self._pace.begin(counts.finished, budget, epochs)
        self._progress.update(self._task, completed=counts.finished, total=budget, note="")

    def epoch(self, number: int, epoch: int, _value: float) -> None:
        """Show which epoch is done, and the time left."""
        self._pace.epoch(number, epoch)
        self._running = f" | trial {number} epoch {epoch}"
        self._show()

    def trial(self, results: Results, number: int, finished: int) -> None:
        """Show the best so far, and what was pruned or failed."""
        self._pace.trial(results, number, finished)
        counts, best = results.counts, results.best
        failed = f", {counts.failed} failed" if counts.failed else ""
        text = params_text(best.params, results.fixed) if best else ""
        value = f" | best {number_or_dash(best)}: {text}" if best else ""
        self._known = f" | {counts.pruned} pruned{failed}{value}"
        self._show()

    def notice(self, text: str) -> None:
        """Print it above the bar."""
        self._progress.console.print(escape(self._words(text)))

    def spent(self, process: str, seconds: Mapping[str, float]) -> None:
        """Print where the time went."""
        if self._verbose:
            self.notice(split(process, seconds))

    def _show(self) -> None:
        note = f"ETA {duration(self._pace.seconds_left)}{escape(self._known)}{self._running}"
        pace = self._pace
        self._progress.update(self._task, completed=pace.finished, total=pace.budget, note=note)


class Lines:
    """One plain line a trial, for a pipe or a log."""

    def __init__(
        self, *, verbose: bool = False, prefix: str = "", words: Callable[[str], str] = str
    ) -> None:
        self._verbose, self._prefix, self._words = verbose, prefix, words
        self._pace = Eta()

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """Say how much is already done."""
        self._pace.begin(counts.finished, budget, epochs)
        if counts.finished:
            self._say(f"{counts.finished} of {budget} trials were finished before")

    def epoch(self, number: int, epoch: int, _value: float) -> None:
        """Epochs are not worth a line."""
        self._pace.epoch(number, epoch)

    def trial(self, results: Results, number: int, finished: int) -> None:
        """Say how a trial ended."""
        row = self._pace.trial(results, number, finished)
        self._say(
            f"[{finished}/{self._pace.budget}] trial {number} {row.state.lower()}"
            f" {_outcome(row, results.metric)}: {params_text(row.params, without=results.fixed)}"
            f" (best {number_or_dash(results.best)}, ETA {duration(self._pace.seconds_left)})"
        )

    def notice(self, text: str) -> None:
        """Say it."""
        self._say(self._words(text))

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


class Logged(Lines):
    """A record of the logger "tuner" a trial."""

    def _say(self, text: str) -> None:
        logging.getLogger("tuner").info(text)


def split(process: str, seconds: Mapping[str, float]) -> str:
    """What the seconds of a process were spent on."""
    parts = (f"{name} {value:.2f}" for name, value in seconds.items())
    return f"seconds of a {process}: {', '.join(parts)}"


def _outcome(row: TrialRow, metric: str) -> str:
    if row.error:
        return row.error
    return f"{metric} {number(row.value if row.value is not None else row.last_value)}"
