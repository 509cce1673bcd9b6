"""URL -> Optuna storage: the only file that thinks about databases."""

import contextlib
import importlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from tuner import DEFAULT_STORAGE
from tuner.errors import StoreError

_PRAGMAS = ("busy_timeout=60000", "journal_mode=WAL", "synchronous=NORMAL")
_READS = (
    "get_study_id_from_name",
    "get_study_name_from_id",
    "get_study_directions",
    "get_study_user_attrs",
    "get_study_system_attrs",
    "get_all_studies",
    "get_trial",
    "get_trial_id_from_study_id_trial_number",
    "_get_trials",
    "_get_best_trial_id",
)
_LOCAL = threading.local()
_OPTUNA_TABLES = {"studies", "trials", "version_info", "alembic_version"}


def open_storage(url: str, *, create: bool = False) -> BaseStorage:
    """The store at a database URL.

    `create` makes the tables of an empty store and, in an existing folder, a missing SQLite file
    (the folder of the default store is made too).
    Raises StoreError where the store is missing, unreachable, not writable or not an Optuna store.
    """
    parsed = _parse(url)
    if create and url == DEFAULT_STORAGE:
        Path(str(parsed.database)).parent.mkdir(exist_ok=True)
    if parsed.get_backend_name() == "sqlite":
        _check_sqlite_path(parsed, create)
    try:
        _check_tables(parsed, create)
        storage = RDBStorage(
            parsed.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}"),
            engine_kwargs={"pool_pre_ping": True},
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            f"{masked(url)}: no driver for this database is installed ({error}); for Postgres:"
            " pip install 'dropout-tuner[postgres]'"
        ) from None
    except (SQLAlchemyError, RuntimeError) as error:
        raise StoreError(f"{masked(url)}: {_reason(error)}") from None
    if parsed.get_backend_name() == "sqlite":
        _make_atomic(storage)
    return optuna.storages.get_storage(storage)


def warm_up() -> None:
    """Import, ahead of time, what the first `open_storage` of a process would."""
    for name in ("command", "config", "runtime.migration", "script"):
        importlib.import_module(f"alembic.{name}")


def masked(url: str | URL) -> str:
    """The URL without its password."""
    url = _parse(url)
    secret = {name: "***" for name in url.query if "password" in name.lower()}
    return url.update_query_dict(secret).render_as_string(hide_password=True)


def _parse(url: str | URL) -> URL:
    try:
        return make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StoreError(
            "the store's URL is not a database URL (e.g. sqlite:///studies/tuner.db)"
        ) from None


def _check_sqlite_path(url: URL, create: bool) -> None:
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory would be lost: sqlite:///PATH has three slashes")
    path = Path(url.database)
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist")
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a store")
    if not path.exists() and not create:
        raise StoreError(f"{path}: no such store; 'tuner search' or 'tuner init' makes one")
    for place in (path.parent, path) if path.exists() else (path.parent,):
        if not os.access(place, os.W_OK):
            raise StoreError(f"{place}: no permission to write (SQLite writes beside the file too)")


def _check_tables(url: URL, create: bool) -> None:
    engine = sqlalchemy.create_engine(url)
    try:
        tables = set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()
    name = masked(url)
    if not tables and not create:
        raise StoreError(f"{name}: the store has no tables; 'tuner init' makes them")
    if tables and not tables >= _OPTUNA_TABLES:
        raise StoreError(f"{name}: holds tables of another application; give another --storage")


def _reason(error: Exception) -> str:
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    if "not a database" in text or "malformed" in text:
        return f"the file is damaged or no database ({text}); restore a backup, or move it away"
    return text


def _make_atomic(storage: RDBStorage) -> None:
    """Write transactions take SQLite's lock when they begin; only then is a claim atomic.

    Optuna relies on SELECT ... FOR UPDATE, which SQLite ignores: two workers would run one trial.
    """

    def connect(connection: Any, _record: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = None

    def begin(connection: Any) -> None:
        deferred = getattr(_LOCAL, "reading", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    sqlalchemy.event.listen(storage.engine, "connect", connect)
    sqlalchemy.event.listen(storage.engine, "begin", begin)
    storage.engine.dispose()
    for name in _READS:
        setattr(storage, name, reading()(getattr(storage, name)))


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Transactions that begin here read only."""
    before = getattr(_LOCAL, "reading", False)
    _LOCAL.reading = True
    try:
        yield
    finally:
        _LOCAL.reading = before
