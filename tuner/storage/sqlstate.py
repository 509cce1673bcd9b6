"""The SQLSTATE of a Postgres error, which says in every language what is wrong.

psycopg (libpq) gives that of a statement, and of a connection that was refused only the message,
in the language of the server. The server has sent it in the same answer: it is asked once more and
the answer is read.
"""

import importlib
import os
import re
import select
import socket
import time
from typing import Any

from sqlalchemy.engine import URL

NO_PASSWORD, NO_HOST = "no password", "no host"
"""What no server has said: it asks for a password and was given none; nobody has such a name."""

_SECONDS = 5.0
_ANSWER = re.compile(rb'ErrorResponse\t.*? C "(\w{5})"')


def reason(error: Any, url: URL) -> str | None:
    """The SQLSTATE of an error of the driver, NO_PASSWORD or NO_HOST; None where nobody says why.

    It is kept in the error.
    """
    refused = getattr(error, "pgconn", None)
    if getattr(error, "sqlstate", None) is None:
        if refused is not None:
            error.sqlstate = NO_PASSWORD if refused.needs_password else _ask(refused)
        elif type(error).__module__.startswith("psycopg") and _is_unknown(url.host):
            error.sqlstate = NO_HOST
    found: str | None = getattr(error, "sqlstate", None)
    return found


def _is_unknown(host: str | None) -> bool:
    if not host:
        return False
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NONAME
    return False


def _ask(refused: Any) -> str | None:
    """Connect as before, and read the SQLSTATE in the trace of what the server says."""
    pq, conninfo = (importlib.import_module(f"psycopg.{name}") for name in ("pq", "conninfo"))
    if not hasattr(os, "memfd_create"):  # psycopg traces on Linux only
        return None
    given = {each.keyword.decode(): each.val.decode() for each in refused.info if each.val}
    trace = os.memfd_create("trace")
    connection = pq.PGconn.connect_start(conninfo.make_conninfo(**given).encode())
    try:
        connection.trace(trace)
        _wait(connection, pq.PollingStatus)
        connection.untrace()
        found = _ANSWER.search(os.pread(trace, os.fstat(trace).st_size, 0))
    finally:
        connection.finish()
        os.close(trace)
    return found[1].decode() if found else None


def _wait(connection: Any, status: Any) -> None:
    """Until a connection is made, refused, or takes too long."""
    until = time.monotonic() + _SECONDS
    while (now := connection.connect_poll()) in (status.READING, status.WRITING):
        sockets = [connection.socket]
        ends = (sockets, []) if now == status.READING else ([], sockets)
        if not any(select.select(*ends, [], max(0.0, until - time.monotonic()))):
            return
