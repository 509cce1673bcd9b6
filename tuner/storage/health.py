"""Whether a store is as it should be, a line for each thing that was looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.errors import TunerError
from tuner.storage.connect import open_storage
from tuner.storage.exclusive import exclusive
from tuner.storage.lease import clock
from tuner.storage.running import running
from tuner.storage.stale import reap
from tuner.storage.tables import STUDIES, TRIALS, VALUES
from tuner.storage.url import masked, parse
from tuner.storage.worker_storage import WorkerStorage

_MAX_SKEW = 30.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    ok: bool
    found: str


def examine(url: str, *, fix: bool = False) -> Iterator[Check]:
    """The store, and where it opens: schema, locks, clock, rows, and the trials of the dead.

    `fix` hands back the trials of workers that are gone.
    """
    try:
        store = open_storage(url)
        studies = [each.study_name for each in store.get_all_studies()]
    except TunerError as error:
        yield Check("store", False, str(error))
        return
    database = store.database
    driver = f"{parse(url).drivername}, schema {database.get_current_version()}"
    yield Check("store", True, f"{masked(url)}: {len(studies)} studies ({driver})")
    yield _locks(store, url)
    yield _clock(store)
    wrong = database.run(lambda connection: list(_wrong(connection)), reads=True)
    yield Check("rows", not wrong, "; ".join(wrong) or "complete and consistent")
    for name in studies:
        yield from _stale(store, name, fix)


def _locks(store: WorkerStorage, url: str) -> Check:
    """Whether this process can write, and keep others from making studies meanwhile."""
    try:
        with exclusive(url):
            mode = store.database.run(_journal_mode)
    except TunerError as error:
        return Check("locks", False, str(error))
    return Check("locks", True, f"writable, {mode}")


def _journal_mode(connection: Connection) -> str:
    connection.execute(TRIALS.update().where(TRIALS.c.trial_id < 0).values(number=0))
    if connection.dialect.name != "sqlite":
        return "row locks"
    return f"journal {connection.exec_driver_sql('PRAGMA journal_mode').scalar_one()}"


def _clock(store: WorkerStorage) -> Check:
    now = sqlalchemy.select(clock(store.database.engine))
    there = store.database.run(lambda connection: connection.execute(now).scalar_one(), reads=True)
    skew = abs((datetime.now(UTC) - there.replace(tzinfo=UTC)).total_seconds())
    return Check("clock", skew < _MAX_SKEW, f"{skew:.0f} s from that of the store")


def _wrong(connection: Connection) -> Iterator[str]:
    """What a damaged file, or a copy that was made by hand, may have."""
    if connection.dialect.name == "sqlite":
        damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if damage != "ok":
            yield f"the file is damaged ({' '.join(str(damage).split())})"
        if n := len(connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            yield f"{n} rows belong to nothing"
    count, columns = sqlalchemy.func.count(), TRIALS.c
    twice = (
        sqlalchemy.select(STUDIES.c.study_name, columns.number)
        .join(STUDIES, STUDIES.c.study_id == columns.study_id)
        .group_by(STUDIES.c.study_name, columns.number)
        .having(count > 1)
    )
    for name, number in connection.execute(twice.limit(3)):
        yield f"study {name} has trial {number} more than once"
    valued = sqlalchemy.exists().where(VALUES.c.trial_id == columns.trial_id)
    is_complete = columns.state == TrialState.COMPLETE
    lacking = sqlalchemy.select(count).select_from(TRIALS).where(is_complete, ~valued)
    if n := connection.execute(lacking).scalar_one():
        yield f"{n} complete trials have no value"


def _stale(store: WorkerStorage, name: str, fix: bool) -> Iterator[Check]:
    """Trials whose workers are gone; whoever runs trials hands them back, and so does `fix`."""
    study_id = store.get_study_id_from_name(name)
    stale = [str(trial.number) for trial in running(store.database, study_id) if trial.is_stale]
    if stale:
        trials = f"study {name}: the worker of trial {', '.join(stale)} is gone"
        if fix:
            reap(store.database, study_id)
        yield Check("trials", fix, f"{trials}; " + ("handed back" if fix else "--fix hands back"))
