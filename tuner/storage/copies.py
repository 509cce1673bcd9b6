"""A store as one file, and a store made of such a file: of either database, while workers work.

The file is itself a store, in SQLite: what is copied from Postgres can be looked at on a laptop,
and a study that was begun in a file goes on in Postgres.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
from optuna.storages import RDBStorage
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from tuner.errors import StoreError
from tuner.storage import db_errors, tables
from tuner.storage.connect import open_storage
from tuner.storage.connections import reading
from tuner.storage.exclusive import exclusive
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES, TRIALS
from tuner.storage.url import masked, parse

_ROWS = 5000
"""So many are in memory at a time."""

_OWN = "version_info"
"""What a store has from the beginning."""


@dataclass(frozen=True)
class Copied:
    """How much was copied."""

    studies: int
    trials: int


def back_up(url: str, path: Path) -> Copied:
    """Write a store as it is at this moment into a new file; StoreError where there is one.

    A file that is not whole has another name.
    """
    source = open_storage(url).database
    if path.exists():
        raise StoreError(f"{path}: is there already: give another name")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    target = open_storage(_file_url(part), create=True).database
    try:
        copied = _copy(source, target)
        with target.engine.connect() as connection:
            connection.connection.execute("PRAGMA journal_mode=DELETE")  # one file, not three
        target.engine.dispose()
        part.rename(path)
    finally:
        target.engine.dispose()
        for each in part.parent.glob(f"{part.name}*"):
            each.unlink()
    return copied


def restore(path: Path, url: str) -> Copied:
    """Fill a store that is empty, or not there yet, with what `back_up` has written.

    Trials that ran then are those of workers that are gone: the next worker hands them back. Raises
    StoreError where the store has studies: nothing is written over.
    """
    source = open_storage(_file_url(path)).database
    target = open_storage(url, create=True)
    names = [study.study_name for study in target.get_all_studies()]
    if names:
        raise StoreError(
            f"{masked(url)}: has studies ({', '.join(names[:3])}): restore into an empty store"
        )
    with exclusive(url):
        copied = _copy(source, target.database)
        _count_anew(target.database)
    return copied


def upgrade(url: str, keep: Path | None) -> tuple[str, str]:
    """Bring the tables of an older Optuna to this one; the version before, and after.

    A file is first copied to `keep`. Raises StoreError where the tables are of a newer Optuna.
    """
    parsed = parse(url)
    text = parsed.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    try:
        storage = RDBStorage(text, skip_compatibility_check=True, skip_table_creation=True)
        return _upgrade(storage, keep, masked(url))
    except SQLAlchemyError as error:
        raise StoreError(db_errors.explain(error, parsed)) from None


def _upgrade(storage: RDBStorage, keep: Path | None, name: str) -> tuple[str, str]:
    try:
        before, now = storage.get_current_version(), storage.get_head_version()
        if before not in storage.get_all_versions():
            raise StoreError(
                f"{name}: its tables ({before}) are of a newer Optuna: pip install --upgrade optuna"
            )
        if before != now:
            if keep is not None:
                _save(storage.engine, keep)
            storage.upgrade()
        return before, now
    finally:
        storage.engine.dispose()


def _save(engine: sqlalchemy.Engine, path: Path) -> None:
    """A copy of a SQLite file of whatever tables."""
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("VACUUM INTO :path"), {"path": str(path)})


def _copy(source: Database, target: Database) -> Copied:
    """Copy all rows: those of one moment, and all or none of them."""
    with _snapshot(source) as there, target.engine.begin() as here:
        for table in tables.ALL.sorted_tables:
            if table.name == _OWN:
                continue
            found = there.execution_options(yield_per=_ROWS).execute(sqlalchemy.select(table))
            with found as rows:
                for part in rows.mappings().partitions():
                    here.execute(table.insert(), [dict(row) for row in part])
            _count_on(here, table)
        return Copied(_n_rows(here, STUDIES), _n_rows(here, TRIALS))


def _count_anew(target: Database) -> None:
    """Have Postgres plan for what is there now: it looks by itself only once a minute."""
    if target.engine.dialect.name == "postgresql":
        with target.engine.begin() as connection:
            names = ", ".join(table.name for table in tables.ALL.sorted_tables)
            connection.execute(sqlalchemy.text(f"ANALYZE {names}"))


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """A connection to which a store stays as it is now."""
    engine = database.engine
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(), engine.connect() as connection:
        yield connection


def _count_on(connection: Connection, table: Any) -> None:
    """Have Postgres number the next row after those that were written with their ids."""
    column = table.autoincrement_column
    if connection.dialect.name == "sqlite" or column is None:
        return
    last = sqlalchemy.select(sqlalchemy.func.max(column)).scalar_subquery()
    sequence = sqlalchemy.func.pg_get_serial_sequence(table.name, column.name)
    connection.execute(sqlalchemy.select(sqlalchemy.func.setval(sequence, last)))


def _n_rows(connection: Connection, table: Any) -> int:
    count = sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
    return int(connection.execute(count).scalar_one())


def _file_url(path: Path) -> str:
    return f"sqlite:///{path}"
