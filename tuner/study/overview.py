"""How far a study is: trials by state, workers alive, retries, time left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.stale import Running, running
from tuner.study.eta import Missing, mean_epochs
from tuner.study.reading import read
from tuner.study.results import Results


@dataclass(frozen=True)
class Overview:
    """A study while it runs; `eta` in seconds, None where nothing has been measured."""

    results: Results
    budget: int
    workers: tuple[Running, ...]
    retries: int
    eta: float | None

    @property
    def is_over(self) -> bool:
        """Whether all trials are finished, or none waits or runs."""
        counts = self.results.counts
        return counts.finished >= self.budget or not counts.waiting + counts.running

    def document(self) -> dict[str, Any]:
        """What `status --json` adds to the results."""
        workers = [
            {
                "worker": None if trial.lease is None else trial.lease.worker,
                "trial": trial.number,
                "epoch": trial.epoch,
                "seconds_since_heartbeat": round(trial.age, 1),
                "seconds_since_epoch": round(trial.idle, 1),
                "stale": trial.is_stale,
            }
            for trial in self.workers
        ]
        eta = None if self.eta is None else round(self.eta, 1)
        return {
            "budget": self.budget,
            "workers": workers,
            "retries": self.retries,
            "eta_seconds": eta,
        }


def overview(study: WorkerStudy) -> Overview:
    """Everything about a study and its workers, from the store."""
    results = read(study)
    each = results.definition.step_epochs
    workers = tuple(
        replace(worker, epoch=worker.epoch and worker.epoch * each)
        for worker in running(study.store.database, study.id)
    )
    left = max(0, results.budget - results.counts.finished)
    return Overview(
        results=results,
        budget=results.budget,
        workers=workers,
        retries=sum(trial.attempts for trial in results.trials),
        eta=_eta(results, left, [worker.epoch or 0 for worker in workers]),
    )


def _eta(results: Results, left: int, running: Sequence[int]) -> float | None:
    """Seconds until the budget is spent, from the epochs and seconds of finished trials.

    `running` are the epochs that each worker has done of its trial.
    """
    finished = [row for row in results.trials if row.is_finished]
    each, n_epochs = mean_epochs(finished) or 0.0, sum(row.n_epochs for row in finished)
    n_workers = min(left, len(running))
    seconds = sum(row.seconds or 0.0 for row in finished)
    per_epoch = seconds / n_epochs / n_workers if n_epochs and n_workers else None
    return Missing(left, each, sum(running)).seconds(per_epoch)
