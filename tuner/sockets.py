"""A socket to listen on, and its address: of the dashboard, and of a store that is served."""

import socket
from typing import Any

from tuner.errors import UsageError

_BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket at this address, on any free port where 0 is asked for; UsageError where taken."""
    try:
        found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(found[4][:2], family=found[0], backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"cannot listen on port {port} of {host} ({error.strerror}); give another --port or"
            " --host"
        ) from None


def address(listener: socket.socket, scheme: str) -> str:
    """The URL of a socket."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
