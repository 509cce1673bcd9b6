"""The actor that keeps a worker on a node of Ray."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_USAGE = 2
"""The exit code of a worker that another start would not help."""


class Keeper:
    """A process of `tuner worker` for an actor, which ends with it.

    Where it dies, so does the actor, and Ray begins another one, here or elsewhere.
    """

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str], here: str) -> None:
        if not Path(here).is_dir():
            raise FileNotFoundError(f"there is no folder {here} on {socket.gethostname()}")
        self._is_told = False
        self._process = subprocess.Popen(  # noqa: S603 (this program)
            [sys.executable, "-m", "tuner.launch.tethered", *command],
            stdin=subprocess.PIPE,
            cwd=here,
            env={**os.environ, **environment},
        )
        threading.Thread(target=self._wait, args=(_own_handle(),), daemon=True).start()

    def place(self) -> str:
        """The node, by name."""
        return socket.gethostname()

    def pid(self) -> int:
        """The process of the worker."""
        return self._process.pid

    def stop(self) -> None:
        """Have the worker hand its trial back and end."""
        self._is_told = True
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def _wait(self, actor: Any) -> None:
        code = self._process.wait()
        if self._is_told or code in (0, _USAGE):
            actor.__ray_terminate__.remote()
        else:
            os._exit(1)


def _own_handle() -> Any:
    import ray  # noqa: PLC0415 (only where Ray is)

    return ray.get_runtime_context().current_actor
