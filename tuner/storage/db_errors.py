"""What a database's error means: whether it passes, and the line that a user reads."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from optuna.exceptions import StorageInternalError
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    PendingRollbackError,
    ProgrammingError,
)

from tuner.storage import files, sqlstate
from tuner.storage.url import masked

STANDBY = "25006"
"""The SQLSTATE of a server that only reads, as one does that is not, or no more, the first."""

_PASSING = ("08", "57P", "53300", "40001", "40P01", STANDBY, sqlstate.NO_HOST)
"""Beginnings of SQLSTATE: connection, restart, too many clients, serialization, deadlock.

A container that is away has no name."""

_LASTING = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What is wrong with the call itself; any other error without a SQLSTATE is a lost connection."""

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
_STATES = {
    "28P01": "{place}: wrong user or password",
    "28000": "{place}: the server does not admit this user from this host (its pg_hba.conf says"
    " who may; createuser makes users)",
    "3D000": "{place}: no such database: createdb makes it",
    "42501": "{place}: this user may not write there",
    STANDBY: "{place}: this server only reads (a standby?)",
    "53100": "{place}: the disk of the database is full; nothing is lost",
    "53300": "{place}: has no connection left: fewer workers, or a larger max_connections",
    "57P03": "{place}: the database is starting",
    sqlstate.NO_PASSWORD: "{place}: asks for a password: put it into the URL, or into a file that"
    " TUNER_STORAGE_PASSWORD_FILE names",
    sqlstate.NO_HOST: "{place}: no such host",
}
_POSTGRES = {
    "invalid transaction": "{place}: the connection was lost",
    "refused": "{place}: no database answers (is it running? is the port right?)",
    "timeout": "{place}: no database answers in time (is the host right?)",
    "timed out": "{place}: no database answers in time (is the host right?)",
}
"""What the client says, which is English; no more than words depends on it."""


def root(error: BaseException) -> BaseException:
    """The driver's error below those of SQLAlchemy and Optuna."""
    while error.__cause__ is not None and not isinstance(error, DBAPIError):
        error = error.__cause__
    return getattr(error, "orig", None) or error


def is_passing(error: BaseException, url: URL) -> bool:
    """Whether the same call may work a little later: a server's restart, a crowd, a deadlock."""
    if files.is_file(url):
        return False
    state = sqlstate.reason(root(error), url)
    if state is not None:
        return state.startswith(_PASSING)
    below = error.__cause__ if isinstance(error, StorageInternalError) else error
    is_lost = isinstance(below, (DBAPIError, PendingRollbackError))
    return is_lost and not isinstance(below, _LASTING)


def explain(error: BaseException, url: URL, seconds: float = 0.0) -> str:
    """One line for the user: which store, what is wrong, what to do."""
    cause = root(error)
    text = " ".join(str(cause).split())
    if files.is_file(url):
        return _explain_file(text, files.path_of(url), seconds)
    place = masked(url)
    words = _STATES.get(sqlstate.reason(cause, url) or "") or _find(_POSTGRES, text)
    return words.format(place=place) if words else f"{place}: {text}"


def _explain_file(text: str, place: Path, seconds: float) -> str:
    words = _find(_SQLITE, text)
    if words is None:
        return f"{place}: {text}"
    facts = {"free": _free, "head": _head}
    found = {name: fact(place) for name, fact in facts.items() if f"{{{name}}}" in words}
    return words.format(place=place, seconds=seconds, **found)


def _find(table: Mapping[str, str], text: str) -> str | None:
    """The words for the first phrase that an error has."""
    return next((words for phrase, words in table.items() if phrase in text.lower()), None)


def _free(path: Path) -> str:
    free = shutil.disk_usage(path.parent).free
    return f"{free:,} bytes free"


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return repr(file.read(16))
