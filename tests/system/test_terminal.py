"""What a terminal shows: bars and live tables."""

import os
import pty
import subprocess
import sys

import numpy as np
import pytest


def on_a_terminal(*arguments):
    """What `tuner` writes to a terminal of 120 columns."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "LINES": "40", "TERM": "xterm"}
    command = [sys.executable, "-m", "tuner", *arguments]
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=environment
    ) as process:
        os.close(follower)
        written = b""
        try:
            while found := os.read(leader, 4096):
                written += found
        except OSError:
            pass
        os.close(leader)
    assert process.returncode == 0
    return written.decode()


@pytest.mark.slow
def test_a_terminal_shows_bars_and_live_tables(searched):
    np.savez("more.npz", x=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 2)
    flags = ["--data", "more.npz", "--epochs", "2", "--width", "8", "--variant", "standard"]
    shown = on_a_terminal("search", *flags, "--trials", "2", "--jobs", "1")
    assert "ETA" in shown
    assert "2/2" in shown
    assert "best" in shown
    assert "8 of 8 trials finished." in on_a_terminal("status", "mine", "--watch")
