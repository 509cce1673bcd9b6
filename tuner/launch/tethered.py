"""`python -m tuner.launch.tethered`: tuner, told to end once whoever began it is gone.

Its input is a pipe that nobody writes to, and which ends with the process that holds its other end,
however that ends.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_holder() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Be tuner, with the arguments of this process."""
    threading.Thread(target=_end_with_holder, daemon=True).start()
    runpy.run_module("tuner", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
