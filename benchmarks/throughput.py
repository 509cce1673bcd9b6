"""Trials an hour: tuner, a loop over model.fit, Optuna, KerasTuner and Ray Tune on the same work.

Every contender is a process of its own that trains 12 configurations (standard dropout, 4 rates x
3 widths); its time is that of the whole process, import to exit. Rounds are interleaved.
"""

import itertools
import statistics
import sys
import tempfile
import time
from pathlib import Path

import click
from speed import performance, process
from speed.contenders import CONTENDERS
from speed.data import ROWS, prepare


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(tuple(ROWS)))
@click.option("--mnist", type=click.Path(exists=True, path_type=Path), help="mnist.npz, a file.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with text/rt-polarity.csv and cifar10-jpeg.tar.",
)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Instead of the epochs of the row.")
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rows: tuple[str, ...],
    mnist: Path | None,
    data: Path | None,
    rounds: int,
    epochs: int | None,
    only: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure ROWS (default: all of them)."""
    for row in rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            prepare(row, mnist, Path(folder), data=data)
            n_epochs = epochs or ROWS[row].epochs
            names = only or tuple(CONTENDERS)
            found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
            for _, name in itertools.product(range(rounds), names):
                found[name].append(measure(name, ROWS[row].model, n_epochs, Path(folder)))
        table = performance.throughput(row, found, rounds)
        click.echo(table)
        if write:
            performance.write(write, f"throughput-{row}", table, sys.argv)


def measure(name: str, model: str, epochs: int, folder: Path) -> dict[str, float]:
    """Seconds a trial and mean accuracy of a contender, run once in an empty folder."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "raw.npz").symlink_to(folder / "raw.npz")
        started = time.perf_counter()
        given = (name, folder / "split.npz", model, epochs)
        values: list[float] = process.run("contenders", *given, place=Path(place))
        seconds = time.perf_counter() - started
    return {"seconds": seconds / len(values), "accuracy": statistics.fmean(values)}


if __name__ == "__main__":
    main()
