"""An engine that a package brings, and programs of engines that say what they were told."""

import sys

ENGINE = '''
import json
from pathlib import Path
from tuner.launch.engine import Worker

class Paper:
    """Workers on paper."""
    def start(self, order):
        url = order.environment["TUNER_STORAGE"]
        told = {"command": order.command, "n": order.n, "storage": url}
        told |= {"settings": dict(order.settings), "address": order.address}
        told |= {"resources": vars(order.resources)}
        Path("told.json").write_text(json.dumps(told))
        return ("p1", "p2")
    def state(self, launch):
        is_over = Path("ended").exists()
        return [Worker(each, "ended" if is_over else "running", "paper") for each in launch.ids]
    def stop(self, launch):
        Path("ended").touch()
    def render(self, order):
        return f"{order.n} on paper"
'''


def bring(folder, monkeypatch):
    """Have a package in a folder of the path bring the engine `paper`."""
    (folder / "paperengine.py").write_text(ENGINE)
    info = folder / "paperengine-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: paperengine\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[tuner.engines]\npaper = paperengine:Paper\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "paperengine", raising=False)


class Programs:
    """Programs that the path finds first: each notes its arguments and input, and says a text."""

    def __init__(self, folder, monkeypatch):
        self._folder = folder
        folder.mkdir()
        monkeypatch.setenv("PATH", str(folder), prepend=":")

    def add(self, name, says="", code=0):
        path = self._folder / name
        (self._folder / f"{name}.says").write_text(says)
        lines = [f'printf "%s\\n" "$*" >> "{path}.told"', f'test -t 0 || cat > "{path}.input"']
        lines += [f'cat "{path}.says"', f"exit {code}"]
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o700)

    def told(self, name):
        """The arguments of each call."""
        path = self._folder / f"{name}.told"
        return path.read_text().splitlines() if path.exists() else []

    def input(self, name):
        return (self._folder / f"{name}.input").read_text()
