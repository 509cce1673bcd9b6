"""What a database's error means: whether it passes, and the line that a user reads."""

import shutil
from pathlib import Path
from typing import Any

from optuna.exceptions import StorageInternalError
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, PendingRollbackError

_PASSING = ("08", "57P", "53300", "40001", "40P01")
"""Beginnings of SQLSTATE: connection, restart, too many clients, serialization, deadlock."""

_FATAL = (
    "password authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password supplied",
    "permission denied",
    "resolve host",
    "translate host name",
)

_SQLITE = {
    "locked": "{place}: another process has locked it for {seconds:.0f} s (a backup, a database"
    " browser?): end that and run the same command again; nothing is lost",
    "is full": "{place}: the disk is full ({free}): stop the workers, free some space and run the"
    " same command again; nothing is lost",
    "readonly": "{place}: cannot be written: the file, its folder or the disk is read-only",
    "not a database": "{place}: the file is damaged or no database (it begins with {head}):"
    " restore a backup, or move it away",
    "malformed": "{place}: the database is damaged: restore a backup, or save what is readable"
    " with: sqlite3 {place} .recover",
    "unable to open": "{place}: cannot be opened: no permission, or a part of the path is missing",
    "disk i/o": "{place}: the disk fails to read or write: SQLite needs a local file system",
}
_POSTGRES = {
    "password authentication failed": "{place}: wrong user or password",
    "no password supplied": "{place}: asks for a password: put it into the URL, or into a file"
    " that TUNER_STORAGE_PASSWORD_FILE names",
    "no pg_hba.conf entry": "{place}: the server does not admit this user from this host"
    " (its pg_hba.conf says who may)",
    'role "': "{place}: no such user",
    'database "': "{place}: no such database: createdb makes it",
    "permission denied": "{place}: this user may not write there",
    "resolve host": "{place}: no such host",
    "translate host name": "{place}: no such host",
    "too many clients": "{place}: has no connection left: fewer workers, or a larger"
    " max_connections",
    "connection slots": "{place}: has no connection left: fewer workers, or a larger"
    " max_connections",
    "invalid transaction": "{place}: the connection was lost",
    "starting up": "{place}: the database is starting",
    "refused": "{place}: no database answers (is it running? is the port right?)",
    "timeout": "{place}: no database answers in time (is the host right?)",
    "timed out": "{place}: no database answers in time (is the host right?)",
    "no space left": "{place}: the disk of the database is full; nothing is lost",
}


def root(error: BaseException) -> BaseException:
    """The driver's error below those of SQLAlchemy and Optuna."""
    while error.__cause__ is not None and not isinstance(error, DBAPIError):
        error = error.__cause__
    return getattr(error, "orig", None) or error


def is_passing(error: BaseException, url: URL) -> bool:
    """Whether the same call may work a little later: a server's restart, a crowd, a deadlock."""
    if url.get_backend_name() == "sqlite":
        return False
    cause: Any = root(error)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING)
    below = error.__cause__ if isinstance(error, StorageInternalError) else error
    if isinstance(below, PendingRollbackError):  # a second statement on a connection that was lost
        return True
    if not isinstance(below, DBAPIError):
        return False
    return not any(phrase in str(cause) for phrase in _FATAL)


def explain(error: BaseException, url: URL, seconds: float = 0.0) -> str:
    """One line for the user: which store, what is wrong, what to do."""
    text = " ".join(str(root(error)).split())
    sqlite = url.get_backend_name() == "sqlite"
    place = str(url.database) if sqlite else url.render_as_string(hide_password=True)
    for phrase, words in (_SQLITE if sqlite else _POSTGRES).items():
        if phrase in text.lower():
            path = Path(place)
            return words.format(
                place=place,
                seconds=seconds,
                free=_free(path) if sqlite else "",
                head=_head(path) if sqlite else "",
            )
    return f"{place}: {text}"


def _free(path: Path) -> str:
    free = shutil.disk_usage(path.parent).free
    return f"{free:,} bytes free"


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return repr(file.read(16))
