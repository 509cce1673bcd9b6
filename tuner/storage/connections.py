"""How a process is connected to a database: what its server is told, and the locks of SQLite."""

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Engine, ExceptionContext

from tuner.storage import db_errors

LOCKED = 60.0
"""Seconds that SQLite waits for another process that writes."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
SERVER: Mapping[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 1,
    "max_overflow": 3,
    "connect_args": {
        "connect_timeout": 5,
        "application_name": "tuner",
        "keepalives_idle": 30,
        "tcp_user_timeout": 20_000,
        "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000",
        "prepare_threshold": None,
    },
}
"""Statements are not prepared: behind a pooler each transaction may meet another connection."""

WITHOUT_OPTIONS = {**SERVER, "connect_args": {**SERVER["connect_args"], "options": ""}}
NO_OPTIONS = "unsupported startup parameter"
"""What PgBouncer says to `options`, in English whatever the language of the server."""

_LOCAL = threading.local()


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Transactions that begin here read only."""
    before = getattr(_LOCAL, "reading", False)
    _LOCAL.reading = True
    try:
        yield
    finally:
        _LOCAL.reading = before


def leave(context: ExceptionContext) -> None:
    """Another connection, which may lead to the first server, is better than one to a standby.

    SQLAlchemy leaves the cursors of lost connections open.
    """
    if getattr(context.original_exception, "sqlstate", None) == db_errors.STANDBY:
        context.is_disconnect = True
    cursor = getattr(context.execution_context, "cursor", None)
    if context.is_disconnect and cursor is not None:
        with contextlib.suppress(Exception):
            cursor.close()


class _Cursor:
    """One of the server's cursors, which psycopg leaves open where the server is lost meanwhile."""

    connection: Any
    closed: bool

    def close(self) -> None:
        """Close it; whoever uses the connection next finds out that it is lost."""
        with contextlib.suppress(Exception):
            super().close()  # type: ignore[misc]
        if not self.closed:
            self.connection.close()
            super().close()  # type: ignore[misc]


def close_cursors(connection: Any, *_: Any) -> None:
    """Have each of the server's cursors of a connection closed, whatever happens."""
    made = getattr(connection, "server_cursor_factory", None)
    if made is not None and not issubclass(made, _Cursor):
        connection.server_cursor_factory = type(made.__name__, (_Cursor, made), {})


def close_without(store: object, close: Callable[[], None]) -> None:
    """Close connections once nobody has the store, in this process; a fork has those of its parent.

    They are parts of cycles, and a collection of those may come after there is none left.
    """
    owner = os.getpid()

    def close_own() -> None:
        if os.getpid() == owner:
            close()

    weakref.finalize(store, close_own).atexit = False


def make_atomic(engine: Engine, *, is_writable: bool) -> None:
    """Have transactions of SQLite take the lock when they begin, unless they read only."""
    pragmas = (f"busy_timeout={LOCKED * 1000:.0f}", *(_PRAGMAS if is_writable else ()))

    def connect(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = None

    def begin(connection: Any) -> None:
        deferred = getattr(_LOCAL, "reading", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    sqlalchemy.event.listen(engine, "connect", connect)
    sqlalchemy.event.listen(engine, "begin", begin)
    engine.dispose()
