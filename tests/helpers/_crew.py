"""Real workers of a real store, and what may happen to them."""

import contextlib
import os
import random
import signal
import time
from pathlib import Path

from _cli import Running

HEARTBEAT = 1.0
_SILENCE = 6.0
"""Seconds that a paused worker is silent: longer than four signs of life."""


class Crew:
    """`n` processes of `tuner worker`; one that was ended is replaced by another.

    `busy` gives the ids of the processes that train; their workers are the first to be struck. A
    worker that is killed is so with the process that trains for it, or that one is alone. `done`
    names the strikes that hit somebody.
    """

    def __init__(self, n, url, folder, seed, busy):
        self._url, self._folder, self._busy = url, folder, busy
        self._random = random.Random(seed)
        self._paused = {}
        self._begun = []
        self._left = []
        self.done = []
        self.workers = [self._start() for _ in range(n)]

    def _start(self):
        command = ["worker", "--heartbeat", HEARTBEAT, "--storage", self._url]
        self._begun.append(Running(*command, cwd=self._folder, env={"CUDA_VISIBLE_DEVICES": "-1"}))
        return self._begun[-1]

    def strike(self, *others):
        """Do something to one worker, or one of `others` (name, action) instead.

        Each is done once, in a random order, before any is done again. An action that does
        nothing, as nobody is there for it, says so with False, and is left for later.
        """
        if not self._left:
            own = [("kill", self._kill), ("terminate", self._terminate), ("pause", self._pause)]
            self._left = self._random.sample([*own, *others], len(own) + len(others))
        name, action = self._left.pop()
        if action() is False:
            self._left.insert(0, (name, action))
        else:
            self.done.append(name)

    def wake(self):
        """Let those go on that were silent for long."""
        for training, until in list(self._paused.items()):
            if time.monotonic() > until:
                send(training, signal.SIGCONT)
                del self._paused[training]

    def is_alive(self):
        return any(worker.poll() is None for worker in self._begun)

    def end(self):
        """Let go of everything that is left."""
        for worker in self._begun:
            worker.end()

    def codes(self):
        return [worker.wait() for worker in self._begun]

    def logs(self):
        return "\n".join(worker.stdout + worker.stderr for worker in self._begun)

    def _victim(self):
        """A worker, and the process that trains for it, if it does; None where none is left."""
        alive = {w.pid: w for w in self.workers if w.poll() is None}
        busy = {leader(pid): pid for pid in self._busy() if pid not in self._paused}
        found = [(alive[pid], busy[pid]) for pid in busy if pid in alive]
        return self._random.choice(found or [(w, None) for w in alive.values()] or [(None, None)])

    def _kill(self):
        victim, training = self._victim()
        if training is not None:
            send(training, signal.SIGKILL)
        if victim is not None and (training is None or self._random.random() < 0.5):
            self._end_with(victim, signal.SIGKILL)
        return victim is not None

    def _terminate(self):
        victim, _ = self._victim()
        if victim is not None:
            self._end_with(victim, signal.SIGTERM)
        return victim is not None

    def _end_with(self, victim, number):
        victim.send_signal(number)
        self.workers[self.workers.index(victim)] = self._start()

    def _pause(self):
        _, training = self._victim()
        if training is not None:
            send(training, signal.SIGSTOP)
            self._paused[training] = time.monotonic() + _SILENCE
        return training is not None


def send(pid, number):
    """Send a signal to a process, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def leader(pid):
    """The worker for which a process trains: the parent of the server that it was forked from."""
    for _ in range(2):
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        pid = int(text.rpartition(")")[2].split()[1])
    return pid
