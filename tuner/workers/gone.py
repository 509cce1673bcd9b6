"""How a worker process has ended, in words."""

import signal
from dataclasses import dataclass

from tuner.workers.channel import TERMINATED

_SENT = (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP)
_FROM_OUTSIDE = (*(-number for number in _SENT), TERMINATED)


@dataclass(frozen=True)
class Gone:
    """A process has ended, with this exit code; below 0 it is the signal that ended it.

    `place` is where it was in code of a user's, where that is known.
    """

    pid: int
    code: int
    place: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether its own work has ended it, not whoever may send a signal."""
        return self.code not in _FROM_OUTSIDE

    @property
    def reason(self) -> str:
        """How it ended, in words."""
        if self.code == TERMINATED:
            return "its worker died (SIGTERM)"
        if not self.is_own:
            hint = ": out of memory?" if self.code == -signal.SIGKILL else ""
            return f"its worker died ({_name(-self.code)}{hint})"
        how = f"was ended by {_name(-self.code)}" if self.code < 0 else f"exited ({self.code})"
        return f"its process {how}" + (f" at {self.place}" if self.place else "")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
