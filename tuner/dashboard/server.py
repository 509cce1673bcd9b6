"""The dashboard's process: gunicorn with one worker, whose threads share what was read."""

import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from tuner.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SETTINGS = {
    "workers": 1,
    "threads": 4,
    "loglevel": "warning",
    "graceful_timeout": 5,
    "control_socket_disable": True,
}


class _Server(BaseApplication):
    """gunicorn on an open socket; the application is made in the process that serves it."""

    def __init__(self, listener: socket.socket, make: Callable[[], "WSGIApplication"]) -> None:
        self._bind, self._make = f"fd://{listener.detach()}", make
        super().__init__()

    def load_config(self) -> None:
        for name, value in (_SETTINGS | {"bind": self._bind}).items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        return self._make()


def serve(listener: socket.socket, make: Callable[[], "WSGIApplication"]) -> None:
    """Serve what `make` gives until the process is told to end (SIGTERM, Ctrl-C)."""
    _Server(listener, make).run()


def listen(host: str, port: int) -> socket.socket:
    """A socket at this address, on any free port where 0 is asked for; UsageError where taken."""
    try:
        found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(found[4][:2], family=found[0], backlog=128)
    except OSError as error:
        raise UsageError(
            f"cannot listen on port {port} of {host} ({error.strerror}); give another --port or"
            " --host"
        ) from None


def address(listener: socket.socket) -> str:
    """The URL of a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
