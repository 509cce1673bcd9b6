"""What the plots of a study of many trials cost: each alone, and `tuner plot` as a whole.

In processor seconds, which others on the same machine change little.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click
import optuna
from simulated.stored import make_study
from speed import performance, process

from tuner.plots import PLOTS
from tuner.plots.making import make
from tuner.plots.rendering import render, warm_up
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.studies import load_study

FORMATS = ("png", "svg")
TEXT = (
    "A simulated study of {trials} trials of {epochs} epochs. Processor seconds of one process once"
    " it has imported everything: medians of {rounds} rounds, least and most in brackets. *Rows* is"
    " what the plot computes, *pictures* PNG and SVG. `tuner plot` is the whole command, with its"
    " imports and the reading of the store, of all its processes together."
)


class Cost(NamedTuple):
    """Of one plot: how many rows, and the seconds until they and the pictures are there."""

    n_rows: int
    rows: float
    pictures: float


@click.command()
@click.option("--trials", default=3000, show_default=True)
@click.option("--epochs", default=20, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(trials: int, epochs: int, rounds: int, write: Path | None) -> None:
    """Measure what every plot of a simulated study costs."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/store.db"
        results = read(load_study("simulated", make_study(url, trials, epochs)))
        warm_up(FORMATS)
        found = {name: [measure(results, name) for _ in range(rounds)] for name in PLOTS}
        whole = [whole_command(url, Path(place)) for _ in range(rounds)]
    table = performance.section(
        "Plots",
        TEXT.format(trials=f"{trials:,}", epochs=epochs, rounds=rounds),
        ("plot", "rows drawn", "rows, s", "pictures, s"),
        rows_of(found, whole),
    )
    click.echo(table)
    if write:
        performance.write(write, "plots", table, sys.argv, packages=("matplotlib", "optuna"))


def measure(results: Results, name: str) -> Cost:
    """One plot, from the results to its pictures."""
    begin = time.process_time()
    plot = make(name, results)
    made = time.process_time()
    render(plot, FORMATS)
    return Cost(len(plot.rows), made - begin, time.process_time() - made)


def whole_command(url: str, folder: Path) -> float:
    """The processor seconds of `tuner plot` and of the processes that it shares its work with."""
    command = [sys.executable, "-m", "tuner", "plot", "simulated", "--storage", url]
    before = os.times()
    process.call([*command, "--out", str(folder / "plots")], folder)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def rows_of(found: dict[str, list[Cost]], whole: list[float]) -> list[tuple[str, ...]]:
    """A line a plot, their sum, and the whole command."""
    rows: list[tuple[str, ...]] = [
        (
            name,
            f"{costs[0].n_rows:,}",
            performance.spread([cost.rows for cost in costs]),
            performance.spread([cost.pictures for cost in costs]),
        )
        for name, costs in found.items()
    ]
    sums = [
        sum(statistics.median(getattr(cost, part) for cost in costs) for costs in found.values())
        for part in ("rows", "pictures")
    ]
    rows.append(("all", "", *(f"{value:.2f}" for value in sums)))
    return [*rows, ("`tuner plot`", "", "", performance.spread(whole, 1))]


if __name__ == "__main__":
    main()
