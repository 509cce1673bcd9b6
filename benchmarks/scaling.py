"""Trials an hour of `tuner search` with one, two and four worker processes.

Every search is a process of its own with workers below it; rounds are interleaved.
"""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from joblib import cpu_count
from speed import performance
from speed.data import ROWS, prepare
from speed.grid import WIDTHS
from speed.searches import Search, search

_positive = click.IntRange(1)
TEXT = (
    "Medians of {} interleaved rounds on {} cores, least and most in brackets. The same random"
    " trials every time, none of them pruned. `searching` is the time from the beginning of the"
    " first trial to the end of the last one, without imports, plots and tables."
)


@dataclass(frozen=True)
class Speed:
    """Trials an hour of the whole process, and while searching."""

    whole: float
    searching: float


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(tuple(ROWS)))
@click.option("--mnist", type=click.Path(exists=True, path_type=Path), help="mnist.npz, a file.")
@click.option("--rounds", type=_positive, default=3, show_default=True)
@click.option("--trials", type=_positive, default=24, show_default=True)
@click.option("--epochs", type=_positive, help="Instead of the epochs of the row.")
@click.option("--jobs", type=_positive, multiple=True, default=(1, 2, 4), show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rows: tuple[str, ...],
    mnist: Path | None,
    rounds: int,
    trials: int,
    epochs: int | None,
    jobs: tuple[int, ...],
    write: Path | None,
) -> None:
    """Measure ROWS (default: all of them)."""
    for row in rows or ROWS:
        found: dict[int, list[Speed]] = {n: [] for n in jobs}
        with tempfile.TemporaryDirectory() as folder:
            prepare(row, mnist, Path(folder))
            study = definition(row, Path(folder) / "raw.npz", trials, epochs)
            for _, n in itertools.product(range(rounds), jobs):
                found[n].append(speed_of(search(study, "--jobs", n)))
        shown = table(row, found)
        click.echo(shown)
        if write:
            performance.write(write, f"scaling-{row}", shown, sys.argv)


def definition(row: str, data: Path, trials: int, epochs: int | None) -> dict[str, Any]:
    """A study of standard dropout that runs the same trials however many workers it has."""
    model = ROWS[row].model
    return {
        "data": str(data),
        "model": f"networks:{model}",
        "space": {"variant": ["standard"], "width": list(WIDTHS[model])},
        "training": {"epochs": epochs or ROWS[row].epochs},
        "search": {"trials": trials, "sampler": "random", "pruner": "none"},
    }


def speed_of(done: Search) -> Speed:
    """Trials an hour of a search."""
    trials = done.trials()
    began = min(done.since(trial.started) for trial in trials)
    ended = max(done.since(trial.completed) for trial in trials)
    return Speed(3600 * len(trials) / done.seconds, 3600 * len(trials) / (ended - began))


def table(row: str, found: Mapping[int, Sequence[Speed]]) -> str:
    """A line for every number of processes, compared with the first."""
    first = next(iter(found))
    lines = []
    for n, speeds in found.items():
        cells: list[object] = [n]
        for name in ("whole", "searching"):
            each, base = ([getattr(s, name) for s in of] for of in (speeds, found[first]))
            ratio = statistics.median(each) / statistics.median(base)
            cells += [performance.spread(each, digits=0), f"{ratio:.2f}"]
        lines.append(cells)
    header = ("--jobs", "trials an hour", f"x {first}", "searching: trials an hour", f"x {first}")
    text = TEXT.format(len(found[first]), cpu_count())
    return performance.section(f"Scaling: {row}", text, header, lines)


if __name__ == "__main__":
    main()
