"""`tuner` in processes of its own that need not import TensorFlow: the server of workers has.

Neither need their own servers of workers: they are forked from what has imported it.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import weakref
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path

from _waiting import wait_for

from tuner.cli.main import main, run
from tuner.workers.pool import prepare


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Running:
    """A command that runs in the current folder, or in `cwd`; what it says is in files.

    Its environment is this one, and `env`. It has a session of its own, where it is asked for.
    """

    def __init__(self, *arguments, cwd=None, env=None, is_session=False):
        prepare()
        self._said = Path(tempfile.mkdtemp(prefix="tuner-cli-"))
        weakref.finalize(self, shutil.rmtree, self._said, ignore_errors=True)
        place, environment = Path(cwd or ".").resolve(), {**os.environ, **(env or {})}
        given = ([*map(str, arguments)], str(place), self._said, environment, is_session)
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

    @property
    def pid(self):
        return self._process.pid

    def poll(self):
        """Its exit code, None while it runs."""
        return self._process.exitcode

    def wait_until_said(self, text):
        """Until it has said that, or has ended; what else it said is shown then."""
        wait_for(lambda: text in self.stderr or self.poll() is not None)
        assert text in self.stderr, f"it ended with {self.poll()}: {self.stderr}"

    def send_signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

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


def tuner(*arguments, **settings):
    """Run a command to its end."""
    return Running(*arguments, **settings).finish()


def submitter(place, npz, new_store):
    """What submits a small study in `place`, whose store is made."""
    (place / "studies").mkdir()
    new_store(place / "studies" / "tuner.db")

    def submit(*flags, name="mine"):
        small = ["--epochs", "3", "--width", "8", "--variant", "standard"]
        return run(["submit", "--data", str(npz), "--name", name, *small, *flags])

    return submit


def _enter(arguments, place, said, env, is_session):
    """Be `tuner` with these arguments."""
    if is_session:
        os.setsid()
    os.chdir(place)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (1, 2):
        opened = os.open(said / str(number), os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    util.spawnv_passfds = _fork_or_spawn
    sys.argv = ["tuner", *arguments]
    main()


def _fork_or_spawn(path, arguments, kept, spawn=util.spawnv_passfds):
    """Begin a server of workers as a fork of this process, which has imported all that it needs."""
    code = arguments[-1]
    if "forkserver" not in code:
        return spawn(path, arguments, kept)
    if pid := os.fork():
        return pid
    try:
        first = 3
        for number in sorted(kept):  # as a process would have that is begun anew
            os.closerange(first, number)
            first = number + 1
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
        exec(code)
    finally:
        os._exit(0)
