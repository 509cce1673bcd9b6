"""URL -> store."""

import importlib
import math
import os
import time
from pathlib import Path

import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy.engine import URL
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from tuner import DEFAULT_STORAGE
from tuner.errors import StoreError, one_line
from tuner.storage import connections, db_errors, files
from tuner.storage.exclusive import exclusive
from tuner.storage.rdb import LOGGER, Database
from tuner.storage.remote import Remote, is_served
from tuner.storage.tables import NAMES
from tuner.storage.token import token_of_worker
from tuner.storage.url import masked, parse
from tuner.storage.worker_storage import WorkerStorage

_OURS = {"studies", "trials", "version_info"}
PATIENCE_VARIABLE = "TUNER_STORAGE_PATIENCE"
_PATIENCE = 120.0


def open_storage(
    url: str,
    *,
    create: bool = False,
    wait: float = 0.0,
    patience: float = 0.0,
    current: float = 0.0,
) -> WorkerStorage:
    """The store at a database URL.

    `create` makes the tables of an empty store and, in an existing folder, a missing SQLite file
    (the folder of the default store is made too). A database that does not answer, or
    whose name nobody knows, is asked again for `wait` seconds now, and for `patience` seconds
    whenever it is used; what was read counts as current for `current` seconds. One that cannot be
    written is opened to be read, unless `create`. Raises StoreError where the store is missing,
    unreachable or not an Optuna store.
    """
    if is_served(url):
        return _served(url, wait, patience, current)
    parsed = parse(url)
    if create and url == DEFAULT_STORAGE:
        Path(str(parsed.database)).parent.mkdir(0o700, exist_ok=True)
    if files.is_file(parsed):
        _check_path(parsed, create)
    until = None
    while True:
        try:
            return _store(_open(parsed, create, patience), current)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(
                f"{masked(parsed)}: no driver for this database is installed ({error}); for"
                " Postgres: pip install 'dropout-tuner[postgres]'"
            ) from None
        except (SQLAlchemyError, StorageInternalError) as error:
            words = db_errors.explain(error, parsed)
            if not wait or not db_errors.is_passing(error, parsed):
                raise StoreError(words) from None
            if until is None:
                LOGGER.warning("%s; trying again for %.0f s", words, wait)
                until = time.monotonic() + wait
            elif time.monotonic() >= until:
                raise StoreError(words) from None
        time.sleep(1.0)


def _served(url: str, wait: float, patience: float, current: float) -> WorkerStorage:
    remote = Remote(url, token_of_worker(), wait)
    remote.call("get_all_studies")
    remote.patience = patience
    return _store(remote, current)


def _store(backend: Database | Remote, current: float) -> WorkerStorage:
    store = WorkerStorage(backend, current)
    connections.close_without(store, backend.close)
    return store


def patience() -> float:
    """Seconds that a search or worker waits for a database that does not answer.

    Those of TUNER_STORAGE_PATIENCE if it is set; StoreError where it is no such number.
    """
    given = os.environ.get(PATIENCE_VARIABLE, str(_PATIENCE))
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise StoreError(f"{PATIENCE_VARIABLE} is {given!r}: seconds are needed, such as 120")
    return seconds


def can_be_made(url: str) -> bool:
    """Whether tables that lack could be made there; a file that can only be read has them."""
    parsed = parse(url)
    return not files.is_file(parsed) or files.is_writable(parsed)


def warm_up() -> None:
    """Import, ahead of time, what the first `open_storage` of a process would."""
    for name in ("command", "config", "runtime.migration", "script"):
        importlib.import_module(f"alembic.{name}")


def _check_path(url: URL, create: bool) -> None:
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory would be lost: sqlite:///PATH has three slashes")
    path = files.path_of(url)
    no_folder = "" if path.parent.is_dir() else f"the folder {path.parent} does not exist"
    if no_folder and create:
        raise StoreError(f"{path}: {no_folder}")
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a store")
    if not path.exists() and not create:
        why = f" ({no_folder})" if no_folder else ""
        raise StoreError(f"{path}: no such store{why}; 'tuner search' or 'tuner init' makes one")
    if create:
        files.check_writable(url)
    if files.is_writable(url):
        network = files.network_of(path)
        if network:
            raise StoreError(
                f"{path}: is on a network file system ({network}), where the locks of SQLite do not"
                " hold: keep it on a disk of one machine and serve it there ('tuner store serve'),"
                " or use Postgres"
            )


def _open(url: URL, create: bool, patience: float) -> Database:
    tables = _tables(url)
    if tables < NAMES and (tables or create):  # none, or another process is about to make them
        with exclusive(url):
            if create:
                _make_tables(url)
            tables = _tables(url)
    name = masked(url)
    if not tables:
        raise StoreError(f"{name}: the store has no tables; 'tuner init' makes them")
    if not tables >= _OURS:
        raise StoreError(f"{name}: holds tables of another application; give another --storage")
    if not tables >= NAMES:
        lacking = ", ".join(sorted(NAMES - tables))
        raise StoreError(
            f"{name}: the store is of an older Optuna, or damaged: it has no table {lacking};"
            " restore a backup, or try 'tuner store upgrade'"
        )
    try:
        return Database(url, patience)
    except RuntimeError as error:
        older = "storage upgrade" in str(error)
        words = (
            "an older Optuna: 'tuner store upgrade' brings them to this one"
            if older
            else "a newer Optuna: pip install --upgrade optuna"
        )
        raise StoreError(f"{name}: its tables are of {words}") from None


def _make_tables(url: URL) -> None:
    """Optuna's tables, unless another process has made them meanwhile."""
    if _tables(url):
        return
    text = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    RDBStorage(text).engine.dispose()
    if files.is_file(url):
        database = Database(url, 0.0)
        database.run(lambda connection: None)
        database.engine.dispose()


def _tables(url: URL) -> set[str]:
    is_file = files.is_file(url)
    settings = files.engine_settings(url) if is_file else {"connect_args": {"connect_timeout": 5}}
    try:
        engine = sqlalchemy.create_engine(url, **settings)
    except (TypeError, ValueError) as error:
        raise StoreError(f"{masked(url)}: what stands behind '?': {one_line(error)}") from None
    try:
        return set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()
