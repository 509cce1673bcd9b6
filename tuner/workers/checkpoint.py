"""A training that was interrupted, on disk: whoever goes on with it gets the same value."""

import contextlib
import json
import os
import random
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

EVERY = 30.0
"""Seconds of training between two checkpoints."""

_WORTH = 1.0
"""Seconds of training that are worth a checkpoint when a trial is handed back."""


@dataclass(frozen=True)
class Checkpoint:
    """A trial after `epoch`: the engine's arrays, and what the objective had recorded by then.

    `random` are the states that layers in Python draw from.
    """

    epoch: int
    arrays: list[Any]
    record: Mapping[str, Any]
    random: Mapping[str, Any] = field(default_factory=dict)

    def set_random_state(self) -> None:
        """Have layers in Python draw as they would have then."""
        version, state, gauss = self.random["python"]
        random.setstate((version, tuple(state), gauss))
        kind, keys, *rest = self.random["numpy"]
        np.random.set_state((kind, np.array(keys, "uint32"), *rest))  # noqa: NPY002


class Checkpoints:
    """The checkpoints of a study, a file a trial; without a folder there are none.

    `identity` is what a trial's training follows from: a file of another one is not taken.
    """

    def __init__(self, folder: Path | None, every: float = EVERY) -> None:
        self._folder = folder
        self._every = every
        self._saved = time.monotonic()

    def begin(self) -> None:
        """A training begins."""
        self._saved = time.monotonic()

    def is_due(self, *, last_chance: bool = False) -> bool:
        """Whether to write one; before a trial is handed back, sooner."""
        passed = time.monotonic() - self._saved
        return self._folder is not None and passed >= (
            min(_WORTH, self._every) if last_chance else self._every
        )

    def save(self, number: int, identity: Mapping[str, Any], checkpoint: Checkpoint) -> None:
        """Write one, in place of an older one; a full disk only costs the checkpoint."""
        path = self._path(number)
        about = {
            "identity": identity,
            "epoch": checkpoint.epoch,
            "record": checkpoint.record,
            "random": _random_state(),
        }
        arrays = {f"array_{i}": array for i, array in enumerate(checkpoint.arrays)}
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, about=np.array(json.dumps(about)), **arrays)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
        self._saved = time.monotonic()

    def load(self, number: int, identity: Mapping[str, Any]) -> Checkpoint | None:
        """The checkpoint of a trial; None if there is none."""
        if self._folder is None:
            return None
        try:
            with self._path(number).open("rb") as opened, np.load(opened) as file:
                about = json.loads(str(file["about"]))
                arrays = [file[f"array_{i}"] for i in range(len(file.files) - 1)]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            return None
        if about["identity"] != json.loads(json.dumps(identity)):
            return None
        return Checkpoint(about["epoch"], arrays, about["record"], about["random"])

    def drop(self, number: int) -> None:
        """Remove the checkpoint of a trial that has ended."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._path(number).unlink(missing_ok=True)
                self._folder.rmdir()

    def _path(self, number: int) -> Path:
        assert self._folder is not None  # noqa: S101
        return self._folder / f"{number}.npz"


def _random_state() -> dict[str, Any]:
    """What layers in Python draw from."""
    version, state, gauss = random.getstate()
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return {
        "python": [version, list(state), gauss],
        "numpy": [kind, np.asarray(keys).tolist(), *rest],
    }
