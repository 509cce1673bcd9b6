"""Dashboards in processes of their own, and searches beside them."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

_PAUSE = 10.0
"""Seconds between two questions of a page."""


class Viewer:
    """A dashboard that answers."""

    def __init__(
        self, command: list[str], url: str | None = None, folder: Path | None = None
    ) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder
        )
        assert self._process.stdout is not None
        self.url = url or re.findall(r"http://\S+", self._process.stdout.readline())[0]
        while self._asked("/api/meta") is None:
            time.sleep(0.05)

    def seconds(self, path: str) -> float:
        """How long an answer takes to the last byte."""
        began = time.perf_counter()
        with urllib.request.urlopen(self.url + path) as answer:
            answer.read()
        return time.perf_counter() - began

    def memory(self) -> float:
        """Bytes of all its processes; what they share counts once."""
        texts = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self._processes())
        found = (re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE) for text in texts)
        return sum(1024.0 * int(match[1]) for match in found if match)

    def processor_seconds(self) -> float:
        """What all its processes have spent so far."""
        texts = (Path(f"/proc/{pid}/stat").read_text() for pid in self._processes())
        ticks = (text.rpartition(") ")[2].split()[11:13] for text in texts)
        return sum(int(n) for pair in ticks for n in pair) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)

    def _asked(self, path: str) -> float | None:
        try:
            return self.seconds(path)
        except OSError:
            return None

    def _processes(self) -> list[str]:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [str(pid), *children]


def viewers(bare: str, ours: str) -> dict[str, Callable[[], Viewer]]:
    """The contenders: what starts each on its store."""
    port = "18181"
    plain = ["optuna-dashboard", bare, "--server", "gunicorn", "--port", port]
    return {
        "optuna-dashboard": lambda: Viewer(plain, f"http://127.0.0.1:{port}"),
        "tuner dashboard": lambda: Viewer(
            _tuner("dashboard", "--storage", ours, "--port", "0", "--no-token")
        ),
    }


def search(folder: Path, trials: int, *, watch: bool = False) -> tuple[float, float, float]:
    """Seconds of a search in this folder; processor seconds of a dashboard: its start, the rest."""
    folder.mkdir()
    viewer = (
        Viewer(_tuner("dashboard", "--port", "0", "--no-token"), folder=folder) if watch else None
    )
    start = viewer.processor_seconds() if viewer is not None else 0.0
    began = time.perf_counter()
    searching = subprocess.Popen(
        _tuner("search", "--trials", str(trials), "--quiet"),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while viewer is not None and searching.poll() is None:
        viewer.seconds("/api/studies")
        _look(viewer)
        _wait(searching, _PAUSE)
    searching.wait()
    seconds = time.perf_counter() - began
    if viewer is None:
        return seconds, 0.0, 0.0
    used = viewer.processor_seconds() - start
    viewer.end()
    return seconds, start, used


def _look(viewer: Viewer) -> None:
    """What an open page of the study asks; before there is a study that is an error."""
    try:
        viewer.seconds("/api/studies/1")
    except OSError:
        return


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _tuner(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tuner", *arguments]
