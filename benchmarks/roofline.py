"""Seconds of an epoch: tuner's program and model.fit against the bare matrix products.

Every contender is a process of its own that repeats the epoch; rounds are interleaved.
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
from speed.epoch import CONTENDERS

ROWS = {
    "digits,64": ("digits", 64),
    "digits,256": ("digits", 256),
    "digits,512": ("digits", 512),
    "mnist,512": ("mnist", 512),
}
"""Data, and the width of the two hidden layers."""

TEXT = (
    "Milliseconds of an epoch in batches of 128 with the evaluation after it: medians of {} rounds,"
    " least and most in brackets, warmed up. `products` are the matrix products of the same shapes"
    " and nothing else: no data order, activation, dropout, loss or update."
)


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(tuple(ROWS)))
@click.option("--mnist", type=click.Path(exists=True, path_type=Path), help="mnist.npz, a file.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=10, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rows: tuple[str, ...],
    mnist: Path | None,
    rounds: int,
    epochs: int,
    only: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure ROWS (default: all of them)."""
    found = {row: measure(row, mnist, rounds, epochs, only) for row in rows or ROWS}
    shown = table(found)
    click.echo(shown)
    if write:
        performance.write(write, "roofline", shown, sys.argv)


def measure(
    row: str, mnist: Path | None, rounds: int, epochs: int, only: Sequence[str]
) -> dict[str, list[float]]:
    """The median seconds of an epoch of every contender, one a round."""
    data, width = ROWS[row]
    found: dict[str, list[float]] = {name: [] for name in only or CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        prepare(data, mnist, place)
        for _, name in itertools.product(range(rounds), found):
            seconds = process.run("epoch", name, place / "split.npz", width, epochs, place=place)
            found[name].append(statistics.median(seconds))
    return found


def table(found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """A line a row and contender, from its seconds of an epoch in every round."""
    lines = []
    for row, contenders in found.items():
        floor = contenders.get("products")
        for name, seconds in contenders.items():
            median = statistics.median(seconds)
            ratio = "-" if floor is None else f"{median / statistics.median(floor):.1f}"
            shown = performance.spread([1000 * each for each in seconds])
            lines.append((row, name, shown, ratio))
    rounds = len(next(iter(next(iter(found.values())).values())))
    header = ("data, width", "contender", "ms an epoch", "x products")
    return performance.section("Roofline", TEXT.format(rounds), header, lines)


if __name__ == "__main__":
    main()
