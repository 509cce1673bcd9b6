"""Check the installation and the store, a line each, and mend what can be."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import keras
import sqlalchemy
import tensorflow as tf

from tuner.errors import TunerError
from tuner.storage.connect import exclusive, open_storage
from tuner.storage.stale import reap, running
from tuner.storage.url import masked, parse
from tuner.storage.worker_storage import WorkerStorage
from tuner.study import study_file
from tuner.study.studies import check_names, versions

_MIN_FREE = 500 * 2**20
_MAX_SKEW = 30.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    ok: bool
    found: str


def examine(url: str, *, fix: bool = False) -> list[Check]:
    """Look at Python, the packages, the devices, the study files, the store and the disk.

    `fix` hands back the trials of workers that are gone.
    """
    return [
        Check("python", sys.version_info[:2] >= (3, 11), sys.version.split()[0]),
        Check("packages", True, ", ".join(f"{k} {v}" for k, v in versions().items())),
        Check("backend", keras.backend.backend() == "tensorflow", keras.backend.backend()),
        Check("devices", True, ", ".join(d.device_type for d in tf.config.list_physical_devices())),
        _try("study files", _study_files),
        *_store(url, fix),
        _disk(url),
    ]


def _try(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, True, look())
    except TunerError as error:
        return Check(what, False, str(error))


def _study_files() -> str:
    for name in study_file.names():
        definition = study_file.read(name, {})
        if definition is not None:
            check_names(definition)
    return ", ".join(study_file.names())


def _store(url: str, fix: bool) -> Iterator[Check]:
    """The store, and where it opens: schema, locks, clock, and the trials of the dead."""
    try:
        store = open_storage(url)
        studies = store.get_all_studies()
    except TunerError as error:
        yield Check("store", False, str(error))
        return
    database = store.database
    driver = f"{parse(url).drivername}, schema {database.get_current_version()}"
    yield Check("store", True, f"{masked(url)}: {len(studies)} studies ({driver})")
    yield _try("locks", lambda: _locks(store, url))
    yield _clock(store)
    for summary in studies:
        yield from _stale(store, summary.study_name, fix)


def _locks(store: WorkerStorage, url: str) -> str:
    """Whether this process can write, and keep others from making studies meanwhile."""
    with exclusive(url):
        mode = store.database.run(_journal_mode)
    return f"writable, {mode}"


def _journal_mode(connection: sqlalchemy.Connection) -> str:
    if connection.dialect.name != "sqlite":
        return "row locks"
    return f"journal {connection.exec_driver_sql('PRAGMA journal_mode').scalar_one()}"


def _clock(store: WorkerStorage) -> Check:
    now = sqlalchemy.select(sqlalchemy.func.now())
    there: datetime = store.database.run(lambda c: c.execute(now).scalar_one(), reads=True)
    skew = (datetime.now(UTC) - there.replace(tzinfo=UTC)).total_seconds()
    return Check("clock", abs(skew) < _MAX_SKEW, f"{abs(skew):.0f} s from that of the store")


def _stale(store: WorkerStorage, name: str, fix: bool) -> Iterator[Check]:
    """Trials whose workers are gone; whoever runs trials hands them back, and so does `fix`."""
    study_id = store.get_study_id_from_name(name)
    stale = [str(trial.number) for trial in running(store.database, study_id) if trial.is_stale]
    if stale:
        trials = f"study {name}: the worker of trial {', '.join(stale)} is gone"
        if fix:
            reap(store.database, study_id)
        yield Check("trials", fix, f"{trials}; " + ("handed back" if fix else "--fix hands back"))


def _disk(url: str) -> Check:
    parsed = parse(url)
    path = Path(parsed.database or ".").parent if parsed.drivername.startswith("sqlite") else Path()
    if not path.is_dir():
        path = Path()
    free = shutil.disk_usage(path).free
    return Check("disk", free > _MIN_FREE, f"{free / 2**30:.1f} GiB free at {path.resolve()}")
