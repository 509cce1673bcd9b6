"""What a terminal shows: tables on stdout, progress on stderr."""

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tuner.results import Params, Results, TrialRow, VariantRow, sampling_error
from tuner.space import Scalar

_PIPE_WIDTH = 120
_MANY = 4


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
            escape(trial_text(best, without=("variant", *results.fixed))) if best else "-",
            number(best.value) if best else "-",
            signed(best.gap) if best else "-",
            "-" if row.variant == "none" else signed(row.gain),
        )
    console.print(table)
    say(best_line(results))
    say("gap: train - validation without noise; vs none: above 0 is better than no dropout.")
    error = sampling_error(results)
    if error is not None:
        say(
            f"One seed a trial, chosen as the best of {results.counts.complete} on"
            f" {results.attrs['n_validation']} validation rows (standard error {error:.4f}):"
            " smaller differences are noise."
        )
    if results.counts.failed:
        say(f"{results.counts.failed} trials failed; 'tuner trials' gives the reasons.")
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
        say(f"{folder}/: {' '.join(names)}")


def say(text: str) -> None:
    """A line on stdout, wrapped at words on a terminal only."""
    console = stdout()
    console.print(text, markup=False, soft_wrap=not console.is_terminal)


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> None:
    """A table that begins with columns of texts; the others are numbers, below each other."""
    table = Table(box=SIMPLE_HEAD)
    for place, title in enumerate(titles):
        is_text = place < texts
        table.add_column(title, justify="left" if is_text else "right", no_wrap=is_text)
    for row in rows:
        table.add_row(*map(escape, row))
    stdout().print(table)


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A plain table on stdout."""
    table = Table(*titles, box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(escape("-" if cell is None else str(cell)) for cell in row))
    stdout().print(table)


def params_text(params: Params, without: Collection[str] = ()) -> str:
    """Params as `name value` pairs."""
    variant = str(params.get("variant", ""))
    owners = (variant, str(params.get(f"{variant}.base", variant)))

    def short(name: str) -> str:
        owner, _, knob = name.partition(".")
        return knob if owner in owners else name

    pairs = ((short(name), value) for name, value in params.items() if name not in without)
    return ", ".join(
        str(value) if name == "variant" else f"{name} {_short(value)}"
        for name, value in pairs
        if not (name == "rate" and params.get("variant") == "none")
    )


def trial_text(trial: TrialRow, without: Collection[str] = ()) -> str:
    """The params of a trial, and the rates that it learned."""
    text, rates = params_text(trial.params, without), trial.learned_rates
    if not rates:
        return text
    if len(rates) > _MANY:
        return f"{text}, learned {min(rates):.2g} to {max(rates):.2g} at {len(rates)} places"
    return f"{text}, learned {' '.join(f'{rate:.2g}' for rate in rates)}"


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
        f"Best: {trial_text(best, without=results.fixed)} with validation {results.metric}"
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
        **row.measured,
    }


def number_or_dash(row: TrialRow | None) -> str:
    """The value of a trial, if there is one."""
    return number(row.value if row else None)


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
