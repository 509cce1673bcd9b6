"""Many simulated workers: threads that claim, wait as long as a training takes, report and tell."""

import multiprocessing
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.trial import TrialState, create_trial
from speed.store_workers import SPACE, close, connections_of, seconds_of, server_seconds

from tuner.errors import TunerError
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.rdb import LOGGER
from tuner.storage.worker_storage import CURRENT, WorkerStorage
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.proposal import propose, read_to_learn
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import claim

_A_PROCESS = 250
"""Workers of one process: more would wait for each other's Python."""

_AT_ONCE = 4
"""So many of a process begin together: workers do not all start in the same second."""

_SHORTEST, _LONGEST = 30.0, 90.0
_HEARTBEAT = 15.0
_EPOCHS = 10
_PATIENCE = 60.0


@dataclass
class Crowd:
    """What so many workers came to: seconds that a trial waited for the store, and what failed.

    `expected` are the trials a second without a store; `busy` is how many processors server
    and database had to themselves, and the workers.
    """

    expected: float
    rate: float = 0.0
    busy: tuple[float, float] = (0.0, 0.0)
    waits: list[float] = field(default_factory=list)
    connections: int = 0
    errors: list[str] = field(default_factory=list)


def simulate(
    url: str,
    direct: str,
    n: int,
    sampler: str,
    scale: float,
    seconds: float,
    server: int | None = None,
) -> Crowd:
    """Have `n` workers at work for a while, in which a trial takes 30 to 90 s divided by `scale`.

    All have begun when the time begins. `direct` is the database below a store that the
    process `server` serves.
    """
    mean = (_SHORTEST + _LONGEST) / 2 / scale
    table = {
        "name": f"crowd-{sampler}-{n}",
        "metric": "accuracy",
        "search": {"sampler": sampler, "trials": 10, "pruner": "none"},
    }
    definition = StudyDefinition.parse(table, "benchmark")
    store = open_storage(direct)
    study = open_study(definition, "none", store)
    n_trials = n + int(3 * n * (seconds + mean) / mean)
    waiting = [create_trial(state=TrialState.WAITING)] * n_trials
    enqueue(store.database, study.id, lambda states, queued: waiting)
    close(store)
    context = multiprocessing.get_context("fork")
    found, ended = context.Queue(), context.Event()
    sizes = [len(range(i, n, -(-n // _A_PROCESS))) for i in range(-(-n // _A_PROCESS))]
    started = context.Barrier(len(sizes) + 1)
    processes = [
        context.Process(target=_be_many, args=(url, definition, size, scale, started, ended, found))
        for size in sizes
    ]
    for process in processes:
        process.start()
    started.wait(900)
    LOGGER.warning("%d workers have begun", n)
    time.sleep(1.25 * mean)
    ids = [process.pid for process in processes]
    used, own = server_seconds(store, server), seconds_of(ids)
    began, before = time.monotonic(), _n_ended(store, study.id)
    crowd = Crowd(n / mean)
    while time.monotonic() < began + seconds:
        time.sleep(1)
        crowd.connections = max(crowd.connections, connections_of(store))
    passed = time.monotonic() - began
    crowd.rate = (_n_ended(store, study.id) - before) / passed
    store_s, workers_s = server_seconds(store, server) - used, seconds_of(ids) - own
    crowd.busy = (store_s / passed, workers_s / passed)
    ended.set()
    for _ in processes:
        waits, errors = found.get()
        crowd.waits += waits
        crowd.errors += errors
    for process in processes:
        process.join()
    optuna.delete_study(study_name=definition.name, storage=store)
    close(store)
    return crowd


def _n_ended(store: WorkerStorage, study_id: int) -> int:
    from tuner.storage.tally import states

    return store.database.ask(states, study_id).get(TrialState.COMPLETE, 0)


def _be_many(
    url: str,
    definition: StudyDefinition,
    n: int,
    scale: float,
    started: Any,
    ended: Any,
    found: Any,
) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    waits: list[float] = []
    errors: list[str] = []
    ready, few = threading.Barrier(n + 1), threading.Semaphore(_AT_ONCE)

    def work(place: int) -> None:
        try:
            _work(url, definition, scale, random.Random(place), few, ready, ended, waits)
        except (TunerError, threading.BrokenBarrierError) as error:
            errors.append(str(error))
            ready.abort()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(n)]
    for thread in threads:
        thread.start()
    ready.wait(600)
    started.wait(900)
    for thread in threads:
        thread.join()
    found.put((waits, errors))


def _work(
    url: str,
    definition: StudyDefinition,
    scale: float,
    chance: random.Random,
    few: threading.Semaphore,
    ready: threading.Barrier,
    ended: Any,
    waits: list[float],
) -> None:
    with few:
        store = open_storage(url, wait=_PATIENCE, patience=_PATIENCE, current=CURRENT)
        study = load_study(definition.name, store)
        read_to_learn(study, definition)
    ready.wait(600)
    ended.wait(chance.uniform(0, (_SHORTEST + _LONGEST) / 2 / scale))  # as if in their midst
    while not ended.is_set():
        began = time.monotonic()
        trial = claim(study, definition, heartbeat=_HEARTBEAT)
        if trial is None:
            break
        attrs.PARAMS.set(trial, propose(trial, SPACE, definition))
        store.write()
        waited = time.monotonic() - began
        epoch_seconds = chance.uniform(_SHORTEST, _LONGEST) / scale / _EPOCHS
        beaten = time.monotonic()
        for epoch in range(1, _EPOCHS + 1):
            ended.wait(epoch_seconds)
            trial.report(epoch / _EPOCHS, epoch)
            if time.monotonic() - beaten > _HEARTBEAT / scale:
                store.beat()
                beaten = time.monotonic()
        began = time.monotonic()
        study.tell(trial, chance.random())
        if not ended.is_set():
            waits.append(waited + time.monotonic() - began)
    close(store)
