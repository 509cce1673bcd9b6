"""The dashboard's process: waitress, which reads requests in one thread and answers in others.

A client that is slow to send, or to take what it is sent, keeps no thread.
"""

import ipaddress
import logging
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HEALTH = "/healthz"
_SETTINGS = {
    "threads": 4,
    "connection_limit": 900,  # below the 1,024 files that a process may have open
    "channel_timeout": 30,
    "cleanup_interval": 5,
    "max_request_header_size": 65_536,
    "max_request_body_size": 1_000_000,
    "asyncore_use_poll": True,
    "ident": None,
}


class _Channel(HTTPChannel):
    """A connection; a request that comes in pieces has its time from the first one."""

    last_activity: float

    def handle_read(self) -> None:
        began = None if self.request is None else self.last_activity
        super().handle_read()
        if began is not None and self.request is not None:
            self.last_activity = began


class _Server(TcpWSGIServer):
    """Answers whether it is alive in a thread of its own, whatever the others are at."""

    channel_class = _Channel

    def __init__(self, application: "WSGIApplication", listener: socket.socket) -> None:
        self._health = ThreadedTaskDispatcher()
        self._health.set_thread_count(1)
        where = (listener.family, listener.type, listener.proto, listener.getsockname())
        settings = Adjustments(**_SETTINGS)
        super().__init__(application, {}, True, listener, None, settings, where, False)

    def add_task(self, task: Any) -> None:
        """Queue a connection whose first request is whole."""
        asks_health = task.requests[0].path == HEALTH
        (self._health if asks_health else self.task_dispatcher).add_task(task)


def serve(listener: socket.socket, application: "WSGIApplication") -> None:
    """Serve until the process is told to end (SIGTERM, Ctrl-C)."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that somebody waits is no news
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _Server(application, listener).run()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
