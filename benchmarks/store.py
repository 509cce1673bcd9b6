"""The cost of a trial in the store: trials of no work, from 1 to 64 processes on one database.

Every process claims a trial, samples its params, reports its epochs and tells a value, as
`tuner worker` does, without training. The first two trials of each are not measured. The store
should be empty; the studies are removed at the end.
"""

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from speed import performance
from speed.crowd import simulate
from speed.store_workers import measure

from tuner.storage.connect import open_storage


@click.command()
@click.option("--simulated", multiple=True, type=int, help="So many workers that wait instead.")
@click.option("--scale", default=1.0, show_default=True, help="How many times as fast they wait.")
@click.option("--seconds", default=60.0, show_default=True, help="They are watched for.")
@click.option("--storage", required=True, help="URL of a store that may be written to.")
@click.option("--processes", multiple=True, type=int, default=(1, 4, 16, 64), show_default=True)
@click.option("--trials", default=400, show_default=True)
@click.option("--epochs", default=20, show_default=True, help="Reports of a trial.")
@click.option("--before", multiple=True, type=int, default=(0,), show_default=True)
@click.option("--database", help="URL of the database below a store that is served.")
@click.option("--server", type=int, help="Id of the process that serves it.")
@click.option("--sampler", multiple=True, default=("random", "tpe"), show_default=True)
@click.option("--section", default="store", show_default=True, help="Its section to renew.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(storage: str, database: str | None, write: Path | None, **asked: Any) -> None:
    """Measure trials a second, processor time, and how long one trial waits for the store.

    `--before` are trials that the study has already. Simulated workers have trials that take 30 to
    90 s and do nothing, of ten epochs.
    """
    direct = database or storage
    open_storage(direct, create=True).database.engine.dispose()
    named = _name(direct) + (" served" if database else "")
    rows = []
    for row in (_crowds if asked["simulated"] else _costs)(storage, direct, named, **asked):
        rows.append(row)
        click.echo(performance.line(row), err=True)
    table = (performance.crowds if asked["simulated"] else performance.store)(rows, **asked)
    click.echo(table)
    if write:
        hidden = {storage: "URL", database: "DATABASE"}
        shown = [hidden.get(argument, argument) for argument in sys.argv]
        performance.write(write, asked["section"], table, shown)


def _costs(storage: str, direct: str, named: str, **asked: Any) -> Iterator[tuple[object, ...]]:
    for name in asked["sampler"]:
        for there in asked["before"]:
            for n in asked["processes"]:
                given = (storage, direct, name, n, asked["trials"], asked["epochs"], there)
                cost = measure(*given, asked["server"])
                most = statistics.quantiles(cost.seconds, n=20)[-1]
                yield (
                    *(named, name, there, n, f"{cost.rate:.0f}", f"{1000 * cost.processor:.0f}"),
                    *(f"{1000 * statistics.median(cost.seconds):.0f}", f"{1000 * most:.0f}"),
                    *(cost.connections, f"{cost.memory:+.1f}"),
                )


def _crowds(storage: str, direct: str, named: str, **asked: Any) -> Iterator[tuple[object, ...]]:
    for name in asked["sampler"]:
        for n in asked["simulated"]:
            given = (storage, direct, n, name, asked["scale"], asked["seconds"])
            crowd = simulate(*given, asked["server"])
            for error in sorted(set(crowd.errors))[:3]:
                click.echo(error, err=True)
            waits = crowd.waits if len(crowd.waits) > 1 else [float("nan")] * 2
            most = statistics.quantiles(waits, n=20)[-1]
            yield (
                *(named, name, n, f"{crowd.expected:.1f}", f"{crowd.rate:.1f}"),
                *(
                    f"{statistics.median(waits):.2f}",
                    f"{most:.2f}",
                    *(f"{each:.2f}" for each in crowd.busy),
                ),
                *(crowd.connections, len(crowd.errors)),
            )


def _name(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "Postgres"


if __name__ == "__main__":
    main()
