"""The bridge: trial -> params -> trained model -> value; epochs -> pruning."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import optuna

from tuner import __version__
from tuner.data.dataset import TrainValidation
from tuner.schema import Scalar
from tuner.storage.optuna_objects import rungs, set_rungs, worker_storage_of
from tuner.study import attrs
from tuner.study.proposal import propose
from tuner.study.pruners import pruning_epochs
from tuner.study.samplers import trial_seed
from tuner.training.trainer import Trainer
from tuner.workers.checkpoint import Checkpoint, Checkpoints
from tuner.workers.pruning import PruningRule
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import Resolved


class StoppedError(Exception):
    """The running trial has to be handed back."""


class Objective:
    """Objective(resolved, development)(trial) -> the trial's value.

    `on_epoch(number, epoch, value)` follows each epoch and may raise StoppedError to end the trial,
    `notice` takes what the user should know, `clock` counts the seconds.
    """

    def __init__(
        self,
        resolved: Resolved,
        data: TrainValidation,
        on_epoch: Callable[[int, int, float], None] = lambda number, epoch, value: None,
        notice: Callable[[str], None] = lambda text: None,
        checkpoints: Checkpoints | None = None,
        fingerprint: str = "",
    ) -> None:
        self.definition = resolved.definition
        self.metric = str(self.definition.metric)
        self.recipes = Recipes(resolved, data)
        self.trainer = Trainer(data, self.metric, notice)
        self.clock = self.trainer.clock
        self.on_epoch = on_epoch
        self.checkpoints = checkpoints or Checkpoints(None)
        epochs = self.definition.training.epochs
        self.pruning = PruningRule(epochs, pruning_epochs(self.definition))
        self.fingerprint = fingerprint

    def __call__(self, trial: optuna.Trial) -> float:
        """Train one trial, report each epoch, prune; what happened is kept as user attributes.

        A trial that was interrupted goes on from its checkpoint, if this machine has it, and ends
        with the value that it would have had.
        """
        with self.clock.spend("store"):
            params, seed = self._given(trial)
            recipe = self.recipes.of(params)
            recorded = dict(recipe.variant.record(recipe.values))
            attrs.PARAMS.set(trial, params)
            attrs.SEED.set(trial, seed)
            attrs.MEASURED.set(trial, recorded)
            store = worker_storage_of(trial)
            if store is not None:
                store.write()
        run = _Run(self, trial, params, seed)
        try:
            result = self.trainer.run(recipe, seed, run.on_epoch, run.begin)
            attrs.train_value(self.metric).set(trial, result.train_value)
            attrs.N_WEIGHTS.set(trial, result.n_weights)
            measured = recorded | result.measured
            if attrs.ROLE.of(trial.user_attrs) == attrs.CANDIDATE:
                measured |= self.trainer.assess()
            attrs.MEASURED.set(trial, measured)
        finally:
            with self.clock.spend("store"):
                attrs.HISTORY.set(trial, _columns(run.history))
                attrs.SECONDS.set(trial, run.seconds)
        self.checkpoints.drop(trial.number)
        return result.value

    def _given(self, trial: optuna.Trial) -> tuple[Mapping[str, Scalar], int]:
        """Params and seed of a trial: those it was queued with, or what the sampler suggests."""
        stored, seed = trial.user_attrs, attrs.SEED.of(trial.user_attrs)
        if attrs.ROLE.of(stored) == attrs.CANDIDATE and seed is not None:
            return attrs.PARAMS.of(stored), seed
        params = propose(trial, self.recipes.resolved.space, self.definition)
        own = trial_seed(self.definition.search.seed, trial.number)
        return self._with_rate(params), own if seed is None else seed

    def _with_rate(self, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """`params` with the rate that follows from others, where the variant samples none."""
        rate_of = self.recipes.variant(params).rate_of
        if rate_of is None:
            return params
        return {**params, "rate": rate_of(self.recipes.values(params))}


class _Run:
    """One trial while it trains: its reports, its pruning, its checkpoints."""

    def __init__(
        self, objective: Objective, trial: optuna.Trial, params: Mapping[str, Scalar], seed: int
    ) -> None:
        self.history: list[Mapping[str, float]] = []
        self._objective, self._trial = objective, trial
        self._identity = {
            "params": params,
            "seed": seed,
            "data": objective.fingerprint,
            "version": __version__,
            "definition": objective.definition.to_table() | {"name": "", "search": {}},
        }
        variant, values = objective.recipes.variant(params), objective.recipes.values(params)
        self._warmup = variant.warmup(values)
        self._seconds, self._began = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Spent on this trial, by all that have trained it."""
        return round(self._seconds + time.perf_counter() - self._began, 3)

    def begin(self) -> tuple[list[Mapping[str, float]], list[Any]] | None:
        """Take up where the checkpoint ends: what had been reported is reported again."""
        trial, metric = self._trial, self._objective.metric
        self._objective.checkpoints.begin()
        found = self._objective.checkpoints.load(trial.number, self._identity)
        if found is None:
            return None
        self.history = list(found.record["history"])
        self._seconds = found.record["seconds"]
        attrs.RESUMED_AFTER.set(trial, found.epoch)
        for epoch, metrics in enumerate(self.history, start=1):
            trial.report(metrics[f"val_{metric}"], epoch)
        set_rungs(trial, found.record["rungs"])
        return self.history.copy(), found.arrays

    def on_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Report, prune, keep a checkpoint, and see whether to hand the trial back."""
        objective, trial = self._objective, self._trial
        epochs = objective.definition.training.epochs
        self.history.append(metrics)
        value = metrics[f"val_{objective.metric}"]
        with objective.clock.spend("store"):
            trial.report(value, epoch)
            is_over = objective.pruning.gives_up(trial, epoch, self._warmup)
        if is_over:
            objective.checkpoints.drop(trial.number)
            raise optuna.TrialPruned
        try:
            objective.on_epoch(trial.number, epoch, value)
        except StoppedError:
            if epoch < epochs:
                self._save(epoch, last_chance=True)
                raise
        if epoch < epochs:
            self._save(epoch, last_chance=False)

    def _save(self, epoch: int, *, last_chance: bool) -> None:
        objective, trial = self._objective, self._trial
        if not objective.checkpoints.is_due(last_chance=last_chance):
            return
        record = {"history": self.history, "seconds": self.seconds, "rungs": rungs(trial)}
        with objective.clock.spend("store"):
            state = Checkpoint(epoch, objective.trainer.state(), record)
            objective.checkpoints.save(trial.number, self._identity, state)


def _columns(history: list[Mapping[str, float]]) -> dict[str, list[float]]:
    names = history[0] if history else ()
    return {name: [row[name] for row in history] for name in names}
