"""The cost of a trial in the store: trials of no work, from 1 to 64 processes on one database.

Every process claims a trial, samples its params, reports its epochs and tells a value, as
`tuner worker` does, without training. The store should be empty; the study is removed at the end.
"""

import multiprocessing
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import click
import optuna
import sqlalchemy
from speed import performance

from tuner.schema import Range
from tuner.storage.connect import open_storage, patience
from tuner.storage.worker_storage import CURRENT
from tuner.study.definition import StudyDefinition
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import claim, fill_queue

SPACE = SearchSpace(
    axes={name: Range(low=0.0, high=1.0) for name in ("a", "b", "c")},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch(SHARED_RATE, {})},
)


@click.command()
@click.option("--storage", required=True, help="URL of a store that may be written to.")
@click.option("--processes", multiple=True, type=int, default=(1, 4, 16, 64), show_default=True)
@click.option("--trials", default=400, show_default=True)
@click.option("--epochs", default=20, show_default=True, help="Reports of a trial.")
@click.option("--sampler", multiple=True, default=("random", "tpe"), show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    storage: str,
    processes: tuple[int, ...],
    trials: int,
    epochs: int,
    sampler: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure trials a second and the time that one trial waits for the store."""
    open_storage(storage, create=True).database.engine.dispose()
    rows = [
        (name, n, *measure(storage, name, n, trials, epochs)) for name in sampler for n in processes
    ]
    table = performance.store(rows, trials, epochs)
    click.echo(table)
    if write:
        shown = ["URL" if argument == storage else argument for argument in sys.argv]
        performance.write(write, "store", table, shown)


def measure(
    url: str, sampler: str, n_processes: int, n_trials: int, epochs: int
) -> tuple[float, float, float, int]:
    """Trials a second; median and 95th percentile of seconds a trial; most connections."""
    table = {
        "name": f"benchmark-{sampler}-{n_processes}",
        "metric": "accuracy",
        "search": {"sampler": sampler, "trials": n_trials, "pruner": "none"},
    }
    definition = StudyDefinition.parse(table, "benchmark")
    store = open_storage(url)
    study = open_study(definition, "none", store)
    fill_queue(study, SPACE, definition, n_trials)
    store.database.engine.dispose()
    context = multiprocessing.get_context("fork")
    barrier, found = context.Barrier(n_processes + 1), context.Queue()
    given = (url, definition, epochs, barrier, found)
    workers = [context.Process(target=work, args=given) for _ in range(n_processes)]
    for worker in workers:
        worker.start()
    barrier.wait(100)
    started = time.perf_counter()
    seconds: list[float] = []
    connections = 0
    for _ in workers:
        connections = max(connections, _connections(store.database.engine))
        seconds += found.get()
    passed = time.perf_counter() - started
    for worker in workers:
        worker.join()
    optuna.delete_study(study_name=definition.name, storage=store)
    store.database.engine.dispose()
    ninth = statistics.quantiles(seconds, n=20)[-1]
    return n_trials / passed, statistics.median(seconds), ninth, connections


def _connections(engine: sqlalchemy.Engine) -> int:
    """How many there are of tuner's to this database, without this one (Postgres)."""
    if engine.dialect.name == "sqlite":
        return 0
    count = sqlalchemy.text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tuner'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        return int(connection.execute(count).scalar_one())


def work(url: str, definition: StudyDefinition, epochs: int, barrier: Any, found: Any) -> None:
    """Be one worker."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    store = open_storage(url, wait=patience(), patience=patience(), current=CURRENT)
    study = load_study(definition.name, store)
    barrier.wait(100)
    seconds = []
    while True:
        started = time.perf_counter()
        trial = claim(study, definition)
        if trial is None:
            break
        SPACE.suggest(trial)
        store.write()
        for epoch in range(1, epochs + 1):
            trial.report(epoch, epoch)
        study.tell(trial, 0.5)
        seconds.append(time.perf_counter() - started)
    store.database.engine.dispose()
    found.put(seconds)


if __name__ == "__main__":
    main()
