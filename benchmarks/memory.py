"""Resident memory while one process runs trial after trial: tuner, model.fit, KerasTuner.

Every contender is a process of its own that samples the MLP on digits at random, with standard
dropout; tuner runs as its worker does. Rounds are interleaved.
"""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from speed import performance, process
from speed.data import prepare
from speed.resident import CONTENDERS

_positive = click.IntRange(1)
TEXT = (
    "One process, trial after trial, digits with the MLP at a random rate and width. Medians of {}"
    " interleaved rounds; the growth is the least-squares slope from trial {} on. `tuner` keeps its"
    " store and its best model, `cleared` calls keras.utils.clear_session before each model, as"
    " KerasTuner does."
)


@click.command()
@click.option("--rounds", type=_positive, default=3, show_default=True)
@click.option("--trials", type=_positive, default=200, show_default=True, help="Of tuner.")
@click.option("--peer-trials", type=_positive, default=40, show_default=True, help="Of the others.")
@click.option("--warm-up", type=_positive, default=20, show_default=True, help="In trials.")
@click.option("--epochs", type=_positive, default=3, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rounds: int,
    trials: int,
    peer_trials: int,
    warm_up: int,
    epochs: int,
    only: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure what a trial leaves behind."""
    if warm_up >= min(trials, peer_trials):
        raise click.UsageError("--warm-up has to leave trials to measure")
    found: dict[str, list[list[float]]] = {name: [] for name in only or CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        prepare("digits", None, Path(folder))
        for _, name in itertools.product(range(rounds), found):
            n_trials = trials if name == "tuner" else peer_trials
            found[name].append(measure(name, Path(folder), epochs, n_trials))
    shown = table(found, warm_up)
    click.echo(shown)
    if write:
        performance.write(write, "memory", shown, sys.argv)


def measure(name: str, folder: Path, epochs: int, n_trials: int) -> list[float]:
    """Resident MB of a contender after each of its trials, run once in an empty folder."""
    with tempfile.TemporaryDirectory() as place:
        file = folder / "split.npz"
        sizes: list[float] = process.run(
            "resident", name, file, epochs, n_trials, place=Path(place)
        )
    return sizes


def table(found: Mapping[str, Sequence[Sequence[float]]], warm_up: int) -> str:
    """A row a contender, from the resident MB after each trial of each round."""
    rows = []
    for name, rounds in found.items():
        at_first = statistics.median(sizes[warm_up - 1] for sizes in rounds)
        at_end = statistics.median(sizes[-1] for sizes in rounds)
        growth = statistics.median(slope(sizes[warm_up - 1 :]) for sizes in rounds)
        rows.append((name, len(rounds[0]), f"{at_first:.0f}", f"{at_end:.0f}", f"{growth:.3f}"))
    header = ("contender", "trials", f"MB after trial {warm_up}", "MB at the end", "MB a trial")
    text = TEXT.format(len(next(iter(found.values()))), warm_up)
    return performance.section("Memory", text, header, rows)


def slope(sizes: Sequence[float]) -> float:
    """Growth from one number to the next, by least squares."""
    return statistics.linear_regression(range(len(sizes)), sizes).slope


if __name__ == "__main__":
    main()
