"""One trial while it trains: what it reports, whether it is given up, what is left of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import optuna

from tuner import __version__
from tuner.schema import Scalar
from tuner.storage.optuna_objects import rungs, set_rungs, worker_storage_of
from tuner.study import attrs
from tuner.training.folds import together
from tuner.training.recipe import TrainingResult
from tuner.workers.checkpoint import Checkpoint

if TYPE_CHECKING:
    from tuner.workers.objective import Objective


class StoppedError(Exception):
    """The running trial has to be handed back."""


class TrialRun:
    """One trial while it trains, fold by fold: its reports, its pruning, its checkpoints."""

    def __init__(
        self,
        objective: "Objective",
        trial: optuna.Trial,
        params: Mapping[str, Scalar],
        seed: int,
        recorded: Mapping[str, float],
    ) -> None:
        self._objective, self._trial, self._recorded = objective, trial, recorded
        self._n_folds = objective.trainer.n_folds
        self._epochs = objective.definition.training.epochs
        table, limits = objective.definition.to_table(), objective.definition.training.limits
        training = {key: table["training"][key] for key in table["training"].keys() - limits}
        self._identity = {
            "params": params,
            "seed": seed,
            "data": objective.fingerprint,
            "version": __version__,
            "definition": table
            | {"name": "", "search": {"folds": self._n_folds}, "training": training},
        }
        variant, values = objective.recipes.variant(params), objective.recipes.values(params)
        self._warmup = variant.warmup(values)
        self._done: list[TrainingResult] = []
        self._epochs_of_fold: list[Mapping[str, float]] = []
        self._found: Checkpoint | None = None
        self._is_stopped = False
        self._seconds, self._began = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Spent on this trial, by all that have trained it."""
        return round(self._seconds + time.perf_counter() - self._began, 3)

    @property
    def history(self) -> Sequence[Mapping[str, float]]:
        """The metrics by epoch, means over the folds that are done."""
        return together(self._done).history if self._done else self._epochs_of_fold

    def resume(self) -> Sequence[TrainingResult]:
        """Take up where the checkpoint ends: what had been reported is reported again."""
        trial, metric = self._trial, self._objective.metric
        found = self._objective.checkpoints.load(trial.number, self._identity)
        if found is None:
            return []
        self._found, self._seconds = found, found.record["seconds"]
        self._done = [TrainingResult(**each) for each in found.record["done"]]
        self._epochs_of_fold = list(found.record["history"])
        attrs.RESUMED_AFTER.set(trial, self._n_epochs(found.epoch))
        values = [metrics[f"val_{metric}"] for metrics in self._epochs_of_fold]
        if self._n_folds > 1:
            values = [together(self._done[:n]).value for n in range(1, len(self._done) + 1)]
        for step, value in enumerate(values, start=1):
            trial.report(value, step)
        set_rungs(trial, found.record["rungs"])
        return self._done

    def begin(self) -> tuple[list[Mapping[str, float]], list[Any]] | None:
        """A fold begins: where its checkpoint ends, if there is one."""
        self._objective.checkpoints.begin()
        found, self._found = self._found, None
        if found is None or not found.arrays:
            self._epochs_of_fold = []
            return None
        found.set_random_state()
        return self._epochs_of_fold.copy(), found.arrays

    def on_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Report, prune, keep a checkpoint, and see whether to hand the trial back."""
        self._epochs_of_fold.append(metrics)
        store = worker_storage_of(self._trial)
        if store is not None:
            store.progress()
        value = metrics[f"val_{self._objective.metric}"]
        if self._n_folds == 1:
            self._report(value, epoch, self._warmup)
        try:
            self._objective.on_epoch(self._trial.number, self._n_epochs(epoch), value)
        except StoppedError:
            self._is_stopped = True
        if epoch < self._epochs:
            self._save(epoch, self._objective.trainer.state)

    def after_fold(self, results: Sequence[TrainingResult]) -> None:
        """Report the mean over the folds so far, prune, and see whether to hand the trial back."""
        if self._n_folds == 1:
            return
        self._done, self._epochs_of_fold = list(results), []
        mean = together(results)
        attrs.MEASURED.set(self._trial, {**self._recorded, **mean.measured})
        self._report(mean.value, len(results))
        if len(results) < self._n_folds:
            self._save(0, list)

    def _n_epochs(self, epoch: int) -> int:
        """Epochs of the whole trial, at one of this fold."""
        return len(self._done) * self._epochs + epoch

    def _report(self, value: float, step: int, warmup: float = 0.0) -> None:
        objective, trial = self._objective, self._trial
        with objective.clock.spend("store"):
            trial.report(value, step)
            is_over = objective.pruning.gives_up(trial, step, warmup)
        if is_over:
            objective.checkpoints.drop(trial.number)
            raise optuna.TrialPruned

    def _save(self, epoch: int, state: Callable[[], list[Any]]) -> None:
        """Keep a checkpoint where one is due; StoppedError where the trial is to be handed back."""
        objective, trial = self._objective, self._trial
        is_kept = not objective.definition.training.is_watched  # what callbacks know is not
        if is_kept and objective.checkpoints.is_due(last_chance=self._is_stopped):
            record = {
                "done": [asdict(result) for result in self._done],
                "history": self._epochs_of_fold,
                "seconds": self.seconds,
                "rungs": rungs(trial),
            }
            with objective.clock.spend("store"):
                checkpoint = Checkpoint(epoch, state(), record)
                objective.checkpoints.save(trial.number, self._identity, checkpoint)
        if self._is_stopped:
            raise StoppedError
