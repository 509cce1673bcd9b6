"""`tuner search --trials 50` against 50 trials of KerasTuner: same space, data and epochs.

The space is that of the variants which Keras has layers for; without pruning, and with all twelve
variants, ours is measured too. Every contender is a process of its own; rounds are interleaved.
"""

import itertools
import sys
import tempfile
import time
from pathlib import Path

import click
from speed import performance, process
from speed.grid import VARIANTS

SHARED = [word for name in VARIANTS for word in ("--variant", name)]
OURS = {
    "tuner": SHARED,
    "tuner, no pruning": [*SHARED, "--pruner", "none"],
    "tuner, all twelve variants": [],
}
CONTENDERS = (*OURS, "keras-tuner")


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--trials", type=click.IntRange(2), default=50, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(CONTENDERS), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(rounds: int, trials: int, only: tuple[str, ...], write: Path | None) -> None:
    """Measure searches of the digits."""
    names = only or CONTENDERS
    found: dict[str, list[float]] = {name: [] for name in names}
    for _, name in itertools.product(range(rounds), names):
        found[name].append(measure(name, trials))
    table = performance.search(found, trials)
    click.echo(table)
    if write:
        performance.write(write, "search", table, sys.argv)


def measure(name: str, trials: int) -> float:
    """Seconds of a whole process in an empty folder."""
    ours = ["-m", "tuner", "search", "--trials", str(trials), "--quiet", *OURS.get(name, ())]
    theirs = ["-m", "speed.keras_search", str(trials)]
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        process.call([sys.executable, *(ours if name in OURS else theirs)], Path(place))
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
