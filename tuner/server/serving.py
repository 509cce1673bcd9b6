"""The process that serves a store: waitress, and TLS before it where there is a certificate."""

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import optuna
import waitress
from waitress.task import ThreadedTaskDispatcher

from tuner.errors import UsageError
from tuner.server.app import SLOW, App
from tuner.storage.connect import open_storage
from tuner.storage.token import make_token, read_token
from tuner.storage.worker_storage import CURRENT

_PATIENCE = 10.0
"""Seconds that a request waits for a database that is away: its worker has more, and asks again."""

_SETTINGS = {
    "threads": 8,
    "connection_limit": 4000,
    "backlog": 1024,
    "channel_timeout": 120,
    "max_request_body_size": 64_000_000,
    "asyncore_use_poll": True,
    "ident": None,
}


def serve(
    storage: str, listener: socket.socket, token_file: Path, tls: tuple[Path, Path] | None
) -> None:
    """Serve a store until the process is told to end; a token is made where there is none.

    `tls` is a certificate and its key.
    """
    make_token(token_file)
    token = read_token(token_file)
    store = open_storage(storage, create=True, wait=_PATIENCE, patience=_PATIENCE, current=CURRENT)
    store.database.note_loss()  # while nobody served, nobody could give a sign of life
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = App(store, token)
    if tls is None:
        _server(app, sockets=[listener]).run()
        return
    context = _context(*tls)
    with tempfile.TemporaryDirectory(prefix="tuner-") as folder:
        inside = f"{folder}/socket"
        server = _server(app, unix_socket=inside)  # before anybody is led there
        threading.Thread(
            target=lambda: asyncio.run(_unwrap(listener, context, inside)), daemon=True
        ).start()
        server.run()


def _server(app: App, **where: Any) -> Any:
    """What answers; one thread proposes and judges, so that signs of life never wait for that."""
    server = waitress.create_server(app, **where, **_SETTINGS)
    proposing, others = ThreadedTaskDispatcher(), server.add_task
    proposing.set_thread_count(1)

    def add_task(task: Any) -> None:
        is_slow = task.requests[0].path.endswith(SLOW)
        (proposing.add_task if is_slow else others)(task)

    server.add_task = add_task
    return server


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"{certificate}, {key}: no certificate with its key ({error})") from None
    return context


async def _unwrap(listener: socket.socket, context: ssl.SSLContext, inside: str) -> None:
    """Lead what comes through TLS to the socket inside; where none is, it is closed."""

    async def lead(reader: Any, writer: Any) -> None:
        try:
            to, back = await asyncio.open_unix_connection(inside)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, back), _copy(to, writer))

    server = await asyncio.start_server(lead, sock=listener, ssl=context)
    await server.serve_forever()


async def _copy(reader: Any, writer: Any) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
