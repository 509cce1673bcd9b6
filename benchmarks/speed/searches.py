"""`tuner search` as a process of its own, and what its store says of it."""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w
from speed import process

from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.results import Results, TrialRow
from tuner.study.studies import load_study


@dataclass(frozen=True)
class Search:
    """A search that has ended; `seconds` are those of its whole process."""

    started: datetime
    seconds: float
    results: Results

    def trials(self) -> list[TrialRow]:
        """Its finished trials in the order in which they ended."""
        finished = [t for t in self.results.trials if t.state in ("COMPLETE", "PRUNED")]
        return sorted(finished, key=lambda trial: trial.completed or self.started)

    def since(self, moment: datetime | None) -> float:
        """Seconds from the start of the process until then."""
        if moment is None:
            raise ValueError("a finished trial has a beginning and an end")
        return (moment - self.started).total_seconds()


def search(study: Mapping[str, Any], *options: object) -> Search:
    """Run a study, as a study file has it, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "benchmark.toml").write_text(tomli_w.dumps(study), encoding="utf-8")
        command = [sys.executable, "-m", "tuner", "search", "benchmark.toml", "--quiet"]
        started = datetime.now()
        process.call([*command, *map(str, options)], place)
        seconds = (datetime.now() - started).total_seconds()
        storage = open_storage(f"sqlite:///{place}/studies/tuner.db")
        return Search(started, seconds, read(load_study("benchmark", storage)))
