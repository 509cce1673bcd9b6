"""How far a study is: trials by state, workers alive, retries, time left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from optuna.trial import TrialState

from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.running import Running, running
from tuner.storage.tally import Tally, tallies
from tuner.study.eta import Missing
from tuner.study.reading import brief
from tuner.study.results import Results


@dataclass(frozen=True)
class Overview:
    """A study while it runs; `eta` in seconds, None where nothing has been measured.

    `results` have no trials but the best of each variant.
    """

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
    """Everything about a study and its workers, from the store, which counts what it has."""
    database = study.store.database
    found = database.ask(tallies, study.id)
    results = brief(study, found)
    each = results.definition.step_epochs
    workers = tuple(
        replace(worker, epoch=worker.epoch and worker.epoch * each)
        for worker in database.do(running, study.id)
    )
    left = max(0, results.budget - results.counts.finished)
    ended = [tally for tally in found if tally.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    return Overview(
        results=results,
        budget=results.budget,
        workers=workers,
        retries=sum(tally.attempts for tally in found),
        eta=_eta(ended, each, left, [worker.epoch or 0 for worker in workers]),
    )


def _eta(ended: Sequence[Tally], each: int, left: int, running: Sequence[int]) -> float | None:
    """Seconds until the budget is spent, from the steps, of `each` so many epochs, that were done.

    `running` are the epochs that each worker has done of its trial.
    """
    n_epochs = each * sum(tally.steps for tally in ended)
    n_workers = min(left, len(running))
    seconds = sum(tally.seconds for tally in ended)
    per_epoch = seconds / n_epochs / n_workers if n_epochs and n_workers else None
    mean = n_epochs / (sum(tally.n for tally in ended) or 1)
    return Missing(left, mean, sum(running)).seconds(per_epoch)
