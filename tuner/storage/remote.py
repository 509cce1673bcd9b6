"""A store that is served: what is done to a database is asked for by name, and asked for again."""

import functools
import logging
import random
import socket
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, Connection

from tuner.errors import StoreError
from tuner.storage import wire
from tuner.storage.calls import READS, WRITES
from tuner.storage.operations import ERRORS
from tuner.storage.rdb import Database

SCHEMES = {"tuner+http": "http", "tuner+https": "https"}
AGAIN = "X-Tuner-Again"
"""A header of what has been asked before: it may have been done, and its answer lost."""

_PASSING = (500, 502, 503, 504)
"""A server that fails may be one that is just ending: its next one will answer."""

_CONNECT, _READ = 5.0, 600.0
"""Seconds to be let in, and to be answered: a server that has much to do is not asked again."""

_ALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]
"""A machine that is gone is found out after a minute."""

_TOLD = 0.4
"""Seconds between two tries after which it is said that nobody answers: a cut is no news."""

_CHANCE = random.SystemRandom()
"""Has no state: what a model draws does not depend on how often the store was asked."""

_LOGGER = logging.getLogger("tuner")
P = ParamSpec("P")
T = TypeVar("T")


def is_served(url: str | URL) -> bool:
    """Whether a store is one of `tuner store serve`, on this machine or another."""
    return str(url).startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


class Remote:
    """A store behind `tuner store serve`, as `Database` is one: for workers without a database.

    What is not answered, as the server restarts or the connection is cut, is asked again for
    `patience` seconds; the server looks then whether it was done. Params are proposed, and trials
    judged, there. Raises StoreError afterwards, and
    at once where the token is wrong.
    """

    def __init__(self, url: str, token: str, patience: float) -> None:
        import urllib3  # noqa: PLC0415 (most stores are no servers)

        scheme, _, place = url.partition("://")
        self.place = url
        if not _is_place(place):
            raise StoreError(f"{url}: no address of a store: expected {scheme}://HOST:PORT")
        self.patience = patience
        self.n_retries = 0
        self._url = f"{SCHEMES[scheme]}://{place.rstrip('/')}"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._pool = urllib3.PoolManager(
            maxsize=2,
            timeout=urllib3.Timeout(connect=_CONNECT, read=_READ),
            retries=False,
            socket_options=_ALIVE,
        )
        self.close: Callable[[], None] = self._pool.clear
        for name in (*READS, *WRITES, "create_new_study"):
            setattr(self, name, functools.partial(self.call, name))

    def __getattr__(self, name: str) -> Any:
        """What only a database has."""
        raise StoreError(f"{self.place}: this needs the database: do it where the store is served")

    def do(
        self, operation: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Have an operation done there."""
        found: T = self.call(operation.__name__, *args, **kwargs)
        return found

    def ask(
        self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Have something read there."""
        found: T = self.call(question.__name__, *args, **kwargs)
        return found

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Ask for an operation by name, until there is an answer."""
        body = wire.dumps([list(args), kwargs])
        wait, began, is_again = 0.1, time.monotonic(), False
        while True:
            words = self._try(name, body, is_again=is_again)
            if not isinstance(words, str):
                return _answer(words[0])
            if time.monotonic() - began > self.patience:
                raise StoreError(words)
            if _TOLD < wait <= 2 * _TOLD:
                _LOGGER.warning("%s; trying again for %.0f s", words, self.patience)
            is_again = True
            self.n_retries += 1
            time.sleep(wait * _CHANCE.uniform(0.5, 1))
            wait = min(5.0, 2 * wait)

    def _try(self, name: str, body: bytes, *, is_again: bool) -> "tuple[Any] | str":
        """What was answered, or in words why nothing was."""
        from urllib3.exceptions import HTTPError, SSLError  # noqa: PLC0415

        headers = self._headers | ({AGAIN: "1"} if is_again else {})
        try:
            found = self._pool.request("POST", f"{self._url}/v1/{name}", body=body, headers=headers)
        except (HTTPError, OSError) as error:
            if isinstance(error, SSLError) and "certificate" in str(error).lower():
                raise StoreError(
                    f"{self.place}: its certificate is not known here: {error}"
                ) from None
            return f"{self.place}: no store answers (is 'tuner store serve' running?)"
        if found.status in _PASSING:
            return f"{self.place}: {found.data.decode(errors='replace') or found.reason}"
        if found.status != 200:
            raise StoreError(f"{self.place}: {_refused(found)}")
        try:
            return (wire.loads(found.data),)
        except ValueError:
            return f"{self.place}: an answer was cut"


def _is_place(text: str) -> bool:
    """Whether there is a host, and no port or one that there may be."""
    try:
        found = urlsplit(f"//{text}")
        return bool(found.hostname) and (found.port is None or found.port > 0)
    except ValueError:
        return False


def _answer(found: Any) -> Any:
    if "error" in found:
        raise ERRORS[found["error"]](found["words"])
    return found["found"]


def _refused(found: Any) -> str:
    if found.status == 401:
        return "refuses the token"
    words = found.data.decode(errors="replace")[:200]
    return f"answers {found.status}: {words}"
