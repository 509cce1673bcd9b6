"""What `tuner dashboard` answers while others send it requests that never end."""

import sys
import tempfile
from pathlib import Path

import click
import numpy as np
from simulated.stored import make_study
from speed import performance
from speed.slow_clients import SlowClients, seconds_of
from speed.viewers import viewers

from tuner.workers import runtime

PATHS = ("/api/studies", "/healthz")
TEXT = (
    "`tuner dashboard` on a study of {trials} trials, asked again and again for {seconds} s alone,"
    " and then while {clients} clients send it their requests a byte every two seconds"
    " (those that it cut off, {cut}, came again). Milliseconds: median, and what 99 % were below."
)


@click.command()
@click.option("--clients", default=200, show_default=True)
@click.option("--seconds", default=60.0, show_default=True)
@click.option("--trials", default=3000, show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(clients: int, seconds: float, trials: int, write: Path | None) -> None:
    """Measure answers alone, and beside slow clients."""
    runtime.quiet()
    with tempfile.TemporaryDirectory() as folder:
        table = measure(f"sqlite:///{folder}/store.db", trials, clients, seconds)
    click.echo(table)
    if write:
        performance.write(write, "slow", table, sys.argv, ("optuna-dashboard", "waitress"))


def measure(url: str, trials: int, clients: int, seconds: float) -> str:
    """A table of answers with and without them."""
    make_study(url, trials, 20).database.engine.dispose()
    viewer = viewers("", url)["tuner dashboard"]()
    each = seconds / len(PATHS)
    try:
        alone = {path: seconds_of(viewer.seconds, path, each) for path in PATHS}
        with SlowClients(viewer.url, clients) as slow:
            beside = {path: seconds_of(viewer.seconds, path, each) for path in PATHS}
    finally:
        viewer.end()
    rows = [(path, *_told(alone[path]), *_told(beside[path])) for path in PATHS]
    text = TEXT.format(trials=trials, seconds=f"{seconds:.0f}", clients=clients, cut=slow.n_cut)
    header = ("asked", "alone", "99 %", f"beside {clients} slow clients", "99 %")
    return performance.section("Clients that are slow", text, header, rows)


def _told(seconds: list[float]) -> tuple[str, ...]:
    """Median and 99th percentile in milliseconds."""
    return tuple(f"{1000 * found:.1f}" for found in np.quantile(seconds, (0.5, 0.99)))


if __name__ == "__main__":
    main()
