"""What a terminal shows: tables on stdout, progress on stderr."""

import json
import sys
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from tuner.definition import Scalar
from tuner.results import Params, Results, TrialRow, VariantRow, sampling_error
from tuner.study import Counts

_PIPE_WIDTH = 120


def stdout() -> Console:
    """The console for results; on a pipe plain text of a fixed width."""
    return Console(
        file=sys.stdout, width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False
    )


def document(results: Results, storage: str, files: Iterable[Path]) -> dict[str, Any]:
    """What --json prints."""
    best = results.best
    return {
        "study": results.definition.name,
        "storage": storage,
        "metric": results.metric,
        "direction": results.direction,
        "trials": vars(results.counts),
        "best": None
        if best is None
        else {"number": best.number, "value": best.value, "params": dict(best.params)},
        "variants": [_variant(row) for row in results.variants],
        "files": [str(path) for path in files],
    }


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_answer(results: Results, files: Sequence[Path]) -> None:
    """The result table of a search, how far to trust it, and the files that were written."""
    console = stdout()
    metric = results.metric
    table = Table("variant", box=SIMPLE_HEAD)
    for name in ("trials", "pruned", "best params", metric, "gap", "vs none"):
        left = name == "best params"
        table.add_column(name, justify="left" if left else "right", no_wrap=not left)
    for row in results.variants:
        best = row.best
        table.add_row(
            row.variant,
            str(row.n),
            str(row.n - row.n_complete),
            escape(params_text(best.params, without=("variant", *results.fixed))) if best else "-",
            number(best.value) if best else "-",
            signed(best.gap) if best else "-",
            "-" if row.variant == "none" else signed(row.gain),
        )
    console.print(table)
    _say(best_line(results))
    _say("gap: train - validation without noise; vs none: above 0 is better than no dropout.")
    error = sampling_error(results)
    if error is not None:
        _say(
            f"One seed a trial, chosen as the best of {results.counts.complete} on"
            f" {results.attrs['n_validation']} validation rows (standard error {error:.4f}):"
            " smaller differences are noise."
        )
    if results.counts.failed:
        _say(f"{results.counts.failed} trials failed; 'tuner trials' gives the reasons.")
    print_files(files)


def print_files(files: Sequence[Path]) -> None:
    """The files that were written, a folder a line, files of one name together."""
    for folder in dict.fromkeys(path.parent for path in files):
        suffixes: dict[str, list[str]] = {}
        for path in files:
            if path.parent == folder:
                suffixes.setdefault(path.stem, []).append(path.suffix.removeprefix("."))
        names = (
            f"{stem}.{found[0]}" if len(found) == 1 else f"{stem}.{{{','.join(found)}}}"
            for stem, found in suffixes.items()
        )
        _say(f"{folder}/: {' '.join(names)}")


def _say(text: str) -> None:
    """A line on stdout, wrapped at words on a terminal only."""
    console = stdout()
    console.print(text, markup=False, soft_wrap=not console.is_terminal)


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A plain table on stdout."""
    table = Table(*titles, box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(escape("-" if cell is None else str(cell)) for cell in row))
    stdout().print(table)


def params_text(params: Params, without: Collection[str] = ()) -> str:
    """Params as `name value` pairs."""
    variant = f"{params.get('variant', '')}."
    pairs = (
        (name.removeprefix(variant), value) for name, value in params.items() if name not in without
    )
    return ", ".join(
        str(value) if name == "variant" else f"{name} {_short(value)}"
        for name, value in pairs
        if not (name == "rate" and params.get("variant") == "none")
    )


def number(value: float | None) -> str:
    """A metric with four decimals, or a dash."""
    return "-" if value is None else f"{value:.4f}"


def signed(value: float | None) -> str:
    """A difference with its sign, or a dash."""
    return "-" if value is None else f"{value:+.4f}"


def rounded(value: float | None) -> str:
    """Seconds with one decimal, or a dash."""
    return "-" if value is None else f"{value:.1f}"


def best_line(results: Results) -> str:
    """The best trial in a sentence."""
    best = results.best
    if best is None:
        return "No trial is complete yet."
    return (
        f"Best: {params_text(best.params, without=results.fixed)} with validation {results.metric}"
        f" {number(best.value)} (trial {best.number})."
    )


def trial_document(row: TrialRow) -> dict[str, Any]:
    """A trial as JSON."""
    return {
        "number": row.number,
        "state": row.state,
        "value": row.value,
        "last_value": row.last_value,
        "params": dict(row.params),
        "train_value": row.train_value,
        "gap": row.gap,
        "epochs": row.n_epochs,
        "seconds": row.seconds,
        "seed": row.seed,
        "role": row.role,
        "error": row.error,
        **row.learned,
    }


def listener(*, quiet: bool) -> "Bar | Lines":
    """A progress bar on a terminal, a line a trial on a pipe, nothing where `quiet`."""
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


class Bar:
    """One progress bar for the whole study, on a terminal."""

    def __init__(self) -> None:
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

    def trial(self, results: Results, _number: int) -> None:
        """Show the best so far and the time left."""
        finished = results.counts.finished
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


class Lines:
    """One plain line a trial, for a pipe or a log."""

    def __init__(self) -> None:
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

    def trial(self, results: Results, number: int) -> None:
        """Say how a trial ended."""
        row = next(row for row in results.trials if row.number == number)
        finished = results.counts.finished
        self._say(
            f"[{finished}/{self._clock.budget}] trial {number} {row.state.lower()}"
            f" {_outcome(row, results.metric)}: {params_text(row.params, without=results.fixed)}"
            f" (best {number_or_dash(results.best)}, ETA {self._clock.eta(finished)})"
        )

    def _say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
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


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def number_or_dash(row: TrialRow | None) -> str:
    """The value of a trial, if there is one."""
    return number(row.value if row else None)


def _outcome(row: TrialRow, metric: str) -> str:
    if row.error:
        return row.error
    return f"{metric} {number(row.value if row.value is not None else row.last_value)}"


def _variant(row: VariantRow) -> dict[str, Any]:
    best = row.best
    return {
        "variant": row.variant,
        "n": row.n,
        "best": None if best is None else best.value,
        "params": None if best is None else dict(best.params),
    }


def _short(value: Scalar) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
