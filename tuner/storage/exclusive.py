"""One process at a time makes tables or studies in a store."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
import sqlalchemy
from sqlalchemy.engine import URL

from tuner.errors import StoreError
from tuner.storage import files
from tuner.storage.remote import is_served
from tuner.storage.url import masked, parse

_LOCK = 0x74756E6572
"""What the advisory lock of Postgres is called, which a transaction holds: a pooler keeps that."""

_LOCK_SECONDS = 60.0


@contextlib.contextmanager
def exclusive(url: str | URL) -> Iterator[None]:
    """Only one process at a time makes tables or studies in a store; the others wait.

    A store that is served has its tables.
    """
    if is_served(url):
        yield
        return
    parsed = parse(url)
    if files.is_file(parsed):
        files.check_writable(parsed)
        with _lock_file(files.path_of(parsed)):
            yield
        return
    engine = sqlalchemy.create_engine(parsed)
    try:
        with engine.begin() as connection:
            _lock_server(connection, parsed)
            yield
    finally:
        engine.dispose()


@contextlib.contextmanager
def _lock_file(database: Path) -> Iterator[None]:
    lock = filelock.FileLock(f"{database}.lock", timeout=_LOCK_SECONDS)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise StoreError(
            f"{database}: another process makes a study there and does not end"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _lock_server(connection: sqlalchemy.Connection, url: URL) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    taken = sqlalchemy.select(sqlalchemy.func.pg_try_advisory_xact_lock(_LOCK))
    while not connection.execute(taken).scalar_one():
        if time.monotonic() > until:
            raise StoreError(f"{masked(url)}: another process makes a study there and does not end")
        time.sleep(0.1)
