"""Who works for a study: what each does, how fast, and whether it is slow or stuck."""

import statistics
from dataclasses import dataclass
from typing import Any

from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.running import Running, running
from tuner.storage.tally import by_worker
from tuner.study.formatting import duration
from tuner.study.studies import definition_of

_SLOW = 2.0
"""A worker is slow that takes so many times the seconds of a usual one for an epoch."""

_STUCK, _LEAST = 10.0, 30.0
"""It may be stuck after so many of its epochs without one, and as many seconds."""


@dataclass(frozen=True)
class Member:
    """A worker: trials that ended there, its seconds an epoch, and the trial that it runs.

    `slower` is by how much those seconds are those of the worker in the middle.
    """

    worker: str
    n_ended: int
    seconds: float | None
    slower: float | None
    runs: Running | None
    epochs: int

    @property
    def note(self) -> str:
        """What somebody should look after; "" where all is well."""
        if self.runs is not None and self.runs.is_stale:
            return "gone: its trial goes to another"
        if self.runs is not None and self.runs.idle > max(_LEAST, _STUCK * (self.seconds or 0)):
            return f"stuck? no epoch for {duration(self.runs.idle)}"
        if self.slower is not None and self.slower > _SLOW:
            return f"slow: {self.slower:.1f} times the usual seconds an epoch"
        return "" if self.runs is not None else "runs no trial of it"

    def document(self) -> dict[str, Any]:
        """The same for `status --workers --json`."""
        runs = None
        if self.runs is not None:
            runs = {
                "trial": self.runs.number,
                "epochs": self.epochs,
                "seconds_since_heartbeat": round(self.runs.age, 1),
                "seconds_since_epoch": round(self.runs.idle, 1),
            }
        return {
            "worker": self.worker,
            "ended": self.n_ended,
            "seconds_an_epoch": self.seconds,
            "slower": self.slower,
            "runs": runs,
            "note": self.note,
        }


def crew(study: WorkerStudy) -> list[Member]:
    """All that have worked for a study or do so, by their names."""
    database = study.store.database
    each = definition_of(study).step_epochs
    ended = database.ask(by_worker, study.id)
    done = {found.worker: found for found in ended}
    held = {_name(found): found for found in database.do(running, study.id)}
    speeds = {found.worker: found.seconds / (found.steps * each) for found in ended if found.steps}
    usual = statistics.median(speeds.values()) if speeds else None
    return [
        Member(
            worker=name,
            n_ended=done[name].n if name in done else 0,
            seconds=speeds.get(name),
            slower=speeds[name] / usual if usual and name in speeds else None,
            runs=held.get(name),
            epochs=each * (held[name].epoch or 0) if name in held else 0,
        )
        for name in sorted(done.keys() | held.keys())
    ]


def _name(found: Running) -> str:
    return found.lease.worker if found.lease else "?"
