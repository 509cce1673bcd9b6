"""The cost of a trial in the store: trials of no work, from 1 to 64 processes on one database.

Every process claims a trial, samples its params, reports its epochs and tells a value, as
`tuner worker` does, without training. The first two trials of each are not measured. The store
should be empty; the studies are removed at the end.
"""

import statistics
import sys
from pathlib import Path

import click
from speed import performance
from speed.store_workers import Cost, measure

from tuner.storage.connect import open_storage


@click.command()
@click.option("--storage", required=True, help="URL of a store that may be written to.")
@click.option("--processes", multiple=True, type=int, default=(1, 4, 16, 64), show_default=True)
@click.option("--trials", default=400, show_default=True)
@click.option("--epochs", default=20, show_default=True, help="Reports of a trial.")
@click.option("--before", multiple=True, type=int, default=(0,), show_default=True)
@click.option("--sampler", multiple=True, default=("random", "tpe"), show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    storage: str,
    processes: tuple[int, ...],
    trials: int,
    epochs: int,
    before: tuple[int, ...],
    sampler: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure trials a second, processor time, and how long one trial waits for the store.

    `--before` are trials that the study has already.
    """
    open_storage(storage, create=True).database.engine.dispose()
    rows = []
    for name in sampler:
        for there in before:
            for n in processes:
                cost = measure(storage, name, n, trials, epochs, there)
                rows.append(_row(name, there, n, cost))
                click.echo(performance.line(rows[-1]), err=True)
    table = performance.store(rows, trials, epochs)
    click.echo(table)
    if write:
        shown = ["URL" if argument == storage else argument for argument in sys.argv]
        performance.write(write, "store", table, shown)


def _row(sampler: str, before: int, n: int, cost: Cost) -> tuple[object, ...]:
    most = statistics.quantiles(cost.seconds, n=20)[-1]
    return (
        *(sampler, before, n, f"{cost.rate:.0f}", f"{1000 * cost.processor:.0f}"),
        *(f"{1000 * statistics.median(cost.seconds):.0f}", f"{1000 * most:.0f}"),
        *(cost.connections, f"{cost.memory:+.1f}"),
    )


if __name__ == "__main__":
    main()
