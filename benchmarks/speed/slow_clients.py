"""Clients that send a request byte by byte, and never end it."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

_BEGIN = b"GET /api/studies HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
_PAUSE = 2.0
"""Seconds between two bytes."""

_ASK = 0.05
"""Seconds between two questions."""


class SlowClients:
    """So many of them at an address, as long as this block; who is cut off comes again."""

    def __init__(self, url: str, n: int) -> None:
        where = urlsplit(url)
        self._address, self._n = (str(where.hostname), int(where.port or 80)), n
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self.n_cut = 0
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def __enter__(self) -> "SlowClients":
        for _ in range(self._n):
            self._connect()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for each in self._open:
            each.close()

    def _connect(self) -> None:
        with contextlib.suppress(OSError):
            client = socket.create_connection(self._address, timeout=5)
            self._open.append(client)
            client.sendall(_BEGIN)

    def _drip(self) -> None:
        while not self._ended.wait(_PAUSE):
            for client in self._cut():
                client.close()
                self._open.remove(client)
                self.n_cut += 1
            for client in self._open:
                with contextlib.suppress(OSError):
                    client.sendall(b"x")
            while len(self._open) < self._n and not self._ended.is_set():
                self._connect()

    def _cut(self) -> list[socket.socket]:
        """Those to which the server says anything, or nothing any more."""
        with selectors.DefaultSelector() as selector:
            for client in self._open:
                selector.register(client, selectors.EVENT_READ)
            return [key.fileobj for key, _ in selector.select(0)]  # type: ignore[misc]


def seconds_of(ask: Callable[[str], float], path: str, seconds: float) -> list[float]:
    """How long the answers at a path take, one after the other, for so many seconds."""
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        found.append(ask(path))
        time.sleep(_ASK)
    return found
