"""Real workers of a real store, and what may happen to them."""

import os
import random
import signal
import subprocess
import sys
import time

HEARTBEAT = 1.0
_SILENCE = 6.0
"""Seconds that a paused worker is silent: longer than four signs of life."""


class Crew:
    """`n` processes of `tuner worker`; one that was ended is replaced by another.

    `busy` gives the ids of those that run a trial; they are the first to be struck.
    """

    def __init__(self, n, url, folder, seed, busy):
        self._url, self._folder, self._busy = url, folder, busy
        self._random = random.Random(seed)
        self._paused = {}
        self.done = []
        self.workers = [self._start() for _ in range(n)]

    def _start(self):
        command = [sys.executable, "-m", "tuner", "worker", "--heartbeat", str(HEARTBEAT)]
        log = (self._folder / f"worker_{time.monotonic_ns()}.log").open("w")
        with log:
            return subprocess.Popen(
                [*command, "--storage", self._url],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
            )

    def strike(self, *others):
        """Do something to one worker, or one of `others` (name, action) instead."""
        actions = [
            ("kill", self._kill),
            ("terminate", self._terminate),
            ("pause", self._pause),
            *others,
        ]
        name, action = self._random.choice(actions)
        self.done.append(name)
        action()

    def wake(self):
        """Let those go on that were silent for long."""
        for worker, until in list(self._paused.items()):
            if time.monotonic() > until:
                worker.send_signal(signal.SIGCONT)
                del self._paused[worker]

    def is_alive(self):
        return any(worker.poll() is None for worker in self.workers)

    def end(self):
        """Let go of everything that is left."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    def codes(self):
        return [worker.wait() for worker in self.workers]

    def logs(self):
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("worker_*.log")))

    def _victim(self):
        alive = [w for w in self.workers if w.poll() is None and w not in self._paused]
        busy = self._busy()
        return self._random.choice([w for w in alive if w.pid in busy] or alive or [None])

    def _kill(self):
        self._end_with(signal.SIGKILL)

    def _terminate(self):
        self._end_with(signal.SIGTERM)

    def _end_with(self, number):
        victim = self._victim()
        if victim is not None:
            victim.send_signal(number)
            victim.wait(60)
            self.workers.append(self._start())

    def _pause(self):
        victim = self._victim()
        if victim is not None:
            victim.send_signal(signal.SIGSTOP)
            self._paused[victim] = time.monotonic() + _SILENCE
