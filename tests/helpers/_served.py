"""Stores that are served: in a thread of the test, or by a process that can be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import waitress

from tuner.server.app import App
from tuner.storage.connect import open_storage

TOKEN = "a-token-that-nobody-knows"
PROCESS = """
import os, pathlib, sys
import tuner.server.app as app
done = app.App._done
def dying(self, name, *given, **how):
    order = pathlib.Path("die")
    before, wanted = order.read_text().split() if order.exists() else ("", "")
    if name == wanted and before == "before":
        order.unlink()
        os._exit(9)
    found = done(self, name, *given, **how)
    if name == wanted:
        order.unlink()
        os._exit(9)
    return found
app.App._done = dying
from tuner.cli.main import main
sys.argv[0] = "tuner"
main()
"""
"""`tuner`, whose server dies in the middle of what the file `die` names, before or after it."""


def token_file(folder, mode=0o600):
    path = folder / "token"
    path.write_text(TOKEN)
    path.chmod(mode)
    return path


class Thread:
    """The store at a URL, served by threads of this process; its app may be replaced."""

    def __init__(self, url):
        self._url = url
        self.begin_anew()
        self._server = waitress.create_server(self._answer, host="127.0.0.1", port=0, threads=4)
        self.url = f"tuner+http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def begin_anew(self):
        """Know nothing of what was asked before."""
        self.store = open_storage(self._url)
        self.app = App(self.store, TOKEN)

    def _answer(self, *given):
        return self.app(*given)

    def _run(self):
        with contextlib.suppress(OSError):  # its sockets are closed
            self._server.run()

    def stop(self):
        self._server.close()
        with contextlib.suppress(OSError):
            self._server.pull_trigger()
        self._thread.join(1)


class Forgetful:
    """An app that does what it is asked for, and then dies before it can say so, once for each."""

    def __init__(self, served):
        self._served, self.lost = served, []
        self._inner, served.app = served.app, self

    def __call__(self, environ, start_response):
        name = environ["PATH_INFO"].rpartition("/")[2]
        if name in self.lost:
            return self._inner(environ, start_response)
        self.lost.append(name)
        b"".join(self._inner(environ, lambda *_: None))
        self._served.begin_anew()
        self._inner, self._served.app = self._served.app, self
        start_response("503 Service Unavailable", [])
        return [b"away"]


class Process:
    """`tuner store serve` in a process of its own."""

    def __init__(self, url, folder, *flags):
        self._url, self._folder, self._flags, self.port = url, folder, flags, 0
        self._lock = threading.Lock()
        self._start()

    def _start(self):
        log = self._folder / f"serve_{time.monotonic_ns()}.log"
        command = [sys.executable, "-c", PROCESS, "store", "serve", "--storage", self._url]
        command += ["--token-file", "token", "--port", str(self.port), *self._flags]
        with log.open("w") as output:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=output, stderr=output, env=os.environ
            )
        until = time.monotonic() + 60
        while "tuner+" not in (said := log.read_text()):
            assert self._process.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.05)
        self.url = said.split()[0]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self):
        """End at once."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def restart(self):
        """Die without a word, and come back."""
        with self._lock:
            self.kill()
            self._start()

    def revive(self):
        """Come back, if it has died."""
        with self._lock:
            if self._process.poll() is not None:
                self._start()
