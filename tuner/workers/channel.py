"""The line of a worker process to the process that leads it, and what goes over it."""

import contextlib
import os
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any, Protocol

PATIENCE = 20.0
"""Seconds that a process has to hand its trial back before it is killed."""

TERMINATED = 128 + signal.SIGTERM
"""The exit code of a process that was told to end twice, or in vain."""


class Stop:
    """The order to hand the running trial back and end."""


class Failed:
    """A worker ended with an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Line(Protocol):
    """What a worker needs of its channel: it says how it does, and takes orders."""

    def send(self, message: Any, /) -> None: ...
    def order(self, seconds: float = 0.0, /) -> Any: ...


class Channel:
    """A worker's line to the process that leads the search."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._order: Any = None
        self._stopped = False

    def send(self, message: Any) -> None:
        """Tell the leader something; nobody to tell is no error."""
        with contextlib.suppress(OSError):
            self._line.send(message)

    def order(self, seconds: float = 0.0) -> Any:
        """What the leader has said last, waited for so long; Stop once it said so, or is gone."""
        try:
            while self._line.poll(seconds):
                said, seconds = self._line.recv(), 0.0
                self._order = self._order if isinstance(self._order, Stop) else said
        except (OSError, EOFError):
            self._stopped = True
        return Stop() if self._stopped else self._order

    def stop(self) -> None:
        """Have `order` say Stop from now on; the second time, end this process at once.

        So it ends where it does not ask for an order, as a training that hangs.
        """
        if self._stopped:
            os._exit(TERMINATED)
        self._stopped = True
        end_after(PATIENCE)


class Stopping(Protocol):
    """What is set to end, such as a threading.Event."""

    def is_set(self) -> bool: ...
    def wait(self, seconds: float, /) -> bool: ...


class Orders:
    """What is set once the order of a channel is to stop."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def is_set(self) -> bool:
        """Whether it was ordered."""
        return isinstance(self._channel.order(), Stop)

    def wait(self, seconds: float) -> bool:
        """Wait so long for it; whether it was ordered."""
        return isinstance(self._channel.order(seconds), Stop)


def end_after(seconds: float) -> None:
    """End this process then, whatever it does."""
    timer = threading.Timer(seconds, os._exit, (TERMINATED,))
    timer.daemon = True
    timer.start()
