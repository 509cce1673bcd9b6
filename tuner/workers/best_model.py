"""The best model of a study: kept while searching, written at the end with the trial it is of."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tuner.errors import TunerError
from tuner.study.results import Results

MODEL_FILE = "best.keras"
RECORD_FILE = "best.json"
_HASH = "sha256"
"""The key under which a record names the hash of its model."""

Save = Callable[[Path], None]


class BestModel:
    """The weights of the best trial that this process has run."""

    def __init__(self, *, maximize: bool) -> None:
        self._sign = -1 if maximize else 1
        self._rank = (float("inf"), 0)
        self._save: Save | None = None

    def offer(self, number: int, value: float, saver: Callable[[], Save]) -> None:
        """Keep what `saver` gives, which writes the model, if its trial is the best so far."""
        rank = (self._sign * value, number)
        if rank < self._rank:
            self._rank, self._save = rank, saver()

    def save(self, results: Results, folder: Path) -> None:
        """Write the model, if its trial is the best of the study."""
        best = results.best
        if best is not None and self._save is not None and best.number == self._rank[1]:
            write(self._save, results, folder)


def write(save: Save, results: Results, folder: Path) -> None:
    """Write the model of the best trial with `save`, and beside it which trial it is.

    Both are written under other names first. Who dies between the two renamings leaves a model
    whose hash is not that of the record.
    """
    model, record = (folder / f".{os.getpid()}.part.{name}" for name in (MODEL_FILE, RECORD_FILE))
    try:
        save(model)
        text = json.dumps({**record_of(results), _HASH: _hash(model)}, indent=2)
        record.write_text(text + "\n", encoding="utf-8")
        model.replace(folder / MODEL_FILE)
        record.replace(folder / RECORD_FILE)
    finally:
        for part in (model, record):
            part.unlink(missing_ok=True)


def files(results: Results, folder: Path) -> list[Path]:
    """The files of the best model, where they are there and of the best trial; else none."""
    model, path = folder / MODEL_FILE, folder / RECORD_FILE
    record = _read(path)
    if results.best is None or not isinstance(record, dict) or not model.is_file():
        return []
    written = record.pop(_HASH, None)  # records of tuner 0.1 have none
    is_best = record == json.loads(json.dumps(record_of(results)))
    return [model, path] if is_best and written in (None, _hash(model)) else []


def record_of(results: Results) -> Mapping[str, Any]:
    """Which trial is the best; TunerError where none is complete."""
    best = results.best
    if best is None:
        raise TunerError(f"study {results.definition.name!r} has no complete trial yet")
    return {
        "study": results.definition.name,
        "trial": best.number,
        "metric": results.metric,
        "value": best.value,
        "seed": best.seed,
        "params": dict(best.params),
    }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
