"""`tuner` in processes of its own that need not import TensorFlow: the server of workers has."""

import multiprocessing
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tuner.cli.main import main, run
from tuner.workers.pool import prepare


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Running:
    """A command that runs in the current folder; what it says is in files."""

    def __init__(self, *arguments):
        prepare()
        self._said = Path(tempfile.mkdtemp(prefix="tuner-cli-"))
        given = ([*map(str, arguments)], str(Path.cwd()), self._said)
        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_enter, args=given)
        self._process.start()

    @property
    def stdout(self):
        """What it has printed until now."""
        return self._read("1")

    @property
    def stderr(self):
        """What it has said until now."""
        return self._read("2")

    def poll(self):
        """Its exit code, None while it runs."""
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def wait(self, seconds=100):
        """Its exit code."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "waited too long"
        return self._process.exitcode

    def finish(self, seconds=100):
        """How it ended and what it said."""
        return Done(self.wait(seconds), self.stdout, self.stderr)

    def end(self):
        """Let go of it."""
        self._process.kill()
        self._process.join()

    def _read(self, name):
        path = self._said / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


def tuner(*arguments):
    """Run a command to its end."""
    return Running(*arguments).finish()


def submitter(place, npz, new_store):
    """What submits a small study in `place`, whose store is made."""
    (place / "studies").mkdir()
    new_store(place / "studies" / "tuner.db")

    def submit(*flags, name="mine"):
        small = ["--epochs", "3", "--width", "8", "--variant", "standard"]
        return run(["submit", "--data", str(npz), "--name", name, *small, *flags])

    return submit


def _enter(arguments, place, said):
    """Be `tuner` with these arguments."""
    os.chdir(place)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (1, 2):
        opened = os.open(said / str(number), os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["tuner", *arguments]
    main()
