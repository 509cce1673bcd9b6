"""Processes that do what a worker does with the store, without training."""

import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.distributions import CategoricalDistribution, FloatDistribution, distribution_to_json
from optuna.trial import TrialState, create_trial

from tuner.schema import Range
from tuner.storage.connect import open_storage, patience
from tuner.storage.enqueue import enqueue
from tuner.storage.tables import PARAMS, REPORTS, TRIALS, USER_ATTRS, VALUES
from tuner.storage.worker_storage import CURRENT, WorkerStorage
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.proposal import propose, read_to_learn
from tuner.study.rates import SHARED_RATE
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import claim

SPACE = SearchSpace(
    axes={name: Range(low=0.0, high=1.0) for name in ("a", "b", "c")},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch(SHARED_RATE, {})},
)
_WARM = 2
"""Trials of each process before it is measured: statements are compiled, the study is read."""


@dataclass(frozen=True)
class Cost:
    """Trials a second, processor seconds a trial of all processes, seconds that each has waited.

    At most so many connections were open; the memory of a worker grew by so many MB meanwhile.
    """

    rate: float
    processor: float
    seconds: list[float]
    connections: int
    memory: float


def measure(
    url: str,
    direct: str,
    sampler: str,
    n_processes: int,
    n_trials: int,
    epochs: int,
    before: int = 0,
    server: int | None = None,
) -> Cost:
    """What trials cost with so many processes, in a study that has so many trials.

    `direct` is the database below a store that the process `server` serves.
    """
    table = {
        "name": f"benchmark-{sampler}-{n_processes}-{before}",
        "metric": "accuracy",
        "search": {"sampler": sampler, "trials": n_trials, "pruner": "none"},
    }
    definition = StudyDefinition.parse(table, "benchmark")
    store = open_storage(direct)
    study = open_study(definition, "none", store)
    add_finished(store, study.id, before, epochs)
    waiting = [create_trial(state=TrialState.WAITING)] * (n_trials + _WARM * n_processes)
    enqueue(store.database, study.id, lambda states, queued: waiting)
    context = multiprocessing.get_context("fork")
    store.database.engine.dispose()
    barrier, found = context.Barrier(n_processes + 1), context.Queue()
    given = (url, definition, epochs, barrier, found)
    workers = [context.Process(target=work, args=given) for _ in range(n_processes)]
    for worker in workers:
        worker.start()
    barrier.wait(600)
    started, used_before = time.perf_counter(), server_seconds(store, server)
    seconds: list[float] = []
    connections, processor, memory = 0, 0.0, 0.0
    for _ in workers:
        connections = max(connections, connections_of(store))
        own, used, grown = found.get()
        seconds, processor, memory = seconds + own, processor + used, max(memory, grown)
    passed = time.perf_counter() - started
    processor += server_seconds(store, server) - used_before
    for worker in workers:
        worker.join()
    optuna.delete_study(study_name=definition.name, storage=store)
    close(store)
    n = len(seconds)
    return Cost(n / passed, processor / n, seconds, connections, memory)


def add_finished(store: WorkerStorage, study_id: int, n: int, epochs: int) -> None:
    """Put trials that have ended into a study, as workers would have left them."""
    unit = distribution_to_json(FloatDistribution(0.0, 1.0))
    names = distribution_to_json(CategoricalDistribution(SPACE.variants))
    rates = distribution_to_json(FloatDistribution(0.0, 0.8))
    history = json.dumps(history_of(epochs))

    def add(connection: sqlalchemy.Connection) -> None:
        made = {"study_id": study_id, "state": TrialState.COMPLETE}
        trials = [{"number": number, **made} for number in range(n)]
        ids = connection.execute(TRIALS.insert().returning(TRIALS.c.trial_id), trials).scalars()
        rows: dict[Any, list[dict[str, Any]]] = {
            each: [] for each in (PARAMS, REPORTS, VALUES, USER_ATTRS)
        }
        for number, trial_id in enumerate(ids):
            drawn = {name: number * prime % 997 / 997 for name, prime in _PRIMES.items()}
            drawn["rate"] *= 0.8
            params = [("variant", 1.0, names), ("rate", drawn["rate"], rates)]
            params += [(name, drawn[name], unit) for name in ("a", "b", "c")]
            own = {"trial_id": trial_id}
            for name, value, kind in params:
                param = {"param_name": name, "param_value": value, "distribution_json": kind}
                rows[PARAMS].append(own | param)
            finite = {"intermediate_value_type": "FINITE", "intermediate_value": 0.5}
            rows[REPORTS] += [own | finite | {"step": step} for step in range(1, epochs + 1)]
            told = {"objective": 0, "value": value_of(drawn), "value_type": "FINITE"}
            rows[VALUES].append(own | told)
            known = {"variant": "standard", **drawn}
            stored = {"params": json.dumps(known), "history": history, "seconds": "1.0"}
            rows[USER_ATTRS] += [own | {"key": k, "value_json": v} for k, v in stored.items()]
        for table, records in rows.items():
            connection.execute(table.insert(), records)

    if n:
        store.database.run(add)


def history_of(epochs: int) -> dict[str, list[float]]:
    """What a trial keeps of its epochs."""
    names = ("train_loss", "val_loss", "train_accuracy", "val_accuracy")
    return {name: [0.5] * epochs for name in names}


_PRIMES = {"a": 53, "b": 71, "c": 101, "rate": 89}


def value_of(params: Mapping[str, Any]) -> float:
    """What a trial comes to."""
    return float(params["a"] * (1 - params["b"]))


def close(store: WorkerStorage) -> None:
    """Leave no connection open."""
    if store.served is None:
        store.database.engine.dispose()


def server_seconds(store: WorkerStorage, server: int | None = None) -> float:
    """Processor seconds of who serves the store, and of the database's processes, so far.

    They are counted where they are on this machine.
    """
    own = seconds_of([server])
    engine = store.database.engine
    if engine.dialect.name == "sqlite":
        return own
    with engine.connect() as connection:
        backend = connection.execute(sqlalchemy.text("SELECT pg_backend_pid()")).scalar_one()
    fields = _fields(Path(f"/proc/{backend}/stat"))
    parent = int(fields[1]) if fields else -1
    ticks = sum(map(int, _fields(Path(f"/proc/{parent}/stat"))[11:15]))
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(path)
        if fields and int(fields[1]) == parent:
            ticks += sum(map(int, fields[11:13]))
    return own + ticks / os.sysconf("SC_CLK_TCK")


def seconds_of(processes: Iterable[int | None]) -> float:
    """Processor seconds of processes of this machine so far."""
    found = (_fields(Path(f"/proc/{process}/stat")) for process in processes)
    ticks = sum(sum(map(int, fields[11:13])) for fields in found if fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(path: Path) -> list[str]:
    """What /proc says of a process after its name: state, parent, ..., ticks, children's ticks."""
    try:
        return path.read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def connections_of(store: WorkerStorage) -> int:
    """How many there are of tuner's to this database, without this one (Postgres)."""
    engine = store.database.engine
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
    read_to_learn(study, definition)

    def run() -> bool:
        trial = claim(study, definition)
        if trial is None:
            return False
        params = propose(trial, SPACE, definition)
        attrs.PARAMS.set(trial, params)
        store.write()
        for epoch in range(1, epochs + 1):
            trial.report(epoch, epoch)
        attrs.HISTORY.set(trial, history_of(epochs))
        study.tell(trial, value_of(params))
        return True

    for _ in range(_WARM):
        run()
    barrier.wait(600)
    before, memory, seconds = time.process_time(), _resident(), []
    while True:
        started = time.perf_counter()
        if not run():
            break
        seconds.append(time.perf_counter() - started)
    close(store)
    found.put((seconds, time.process_time() - before, _resident() - memory))


def _resident() -> float:
    """MB of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 1e6
