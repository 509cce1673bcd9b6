"""The bridge: trial -> params -> trained model -> value; epochs -> pruning."""

from collections.abc import Callable, Mapping, Sequence

import optuna

from tuner.data.dataset import TrainValidation
from tuner.schema import Scalar
from tuner.storage.optuna_objects import worker_storage_of
from tuner.study import attrs
from tuner.study.proposal import propose
from tuner.study.pruners import pruning_steps
from tuner.study.samplers import trial_seed
from tuner.training.folds import train_folds
from tuner.training.trainer import Trainer
from tuner.workers.checkpoint import Checkpoints
from tuner.workers.pruning import PruningRule
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import Resolved
from tuner.workers.trial_run import TrialRun


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
        self.trainer = Trainer(data, self.metric, notice, self.definition.better)
        self.clock = self.trainer.clock
        self.on_epoch = on_epoch
        self.checkpoints = checkpoints or Checkpoints(None)
        self.pruning = PruningRule(self.definition.n_steps, pruning_steps(self.definition))
        self.fingerprint = fingerprint

    def __call__(self, trial: optuna.Trial) -> float:
        """Train one trial, report, prune; what happened is kept as user attributes.

        Without folds it reports each epoch's value, with more than one the mean over the folds so
        far after each.

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
        run, seconds = TrialRun(self, trial, params, seed, recorded), None
        try:
            steps = (run.on_epoch, run.begin, run.after_fold)
            result = train_folds(self.trainer, recipe, seed, *steps, done=run.resume())
            seconds = run.seconds
            attrs.train_value(self.metric).set(trial, result.train_value)
            attrs.N_WEIGHTS.set(trial, result.n_weights)
            measured = recorded | result.measured
            if attrs.ROLE.of(trial.user_attrs) == attrs.CANDIDATE:
                measured |= self.trainer.assess()
            attrs.MEASURED.set(trial, measured)
        finally:
            with self.clock.spend("store"):
                attrs.HISTORY.set(trial, _columns(run.history))
                attrs.SECONDS.set(trial, run.seconds if seconds is None else seconds)
        self.checkpoints.drop(trial.number)
        return result.value

    def _given(self, trial: optuna.Trial) -> tuple[Mapping[str, Scalar], int]:
        """Params and seed of a trial: those it was queued with, or what the sampler suggests."""
        stored, seed = trial.user_attrs, attrs.SEED.of(trial.user_attrs)
        if attrs.ROLE.of(stored) == attrs.CANDIDATE and seed is not None:
            return attrs.PARAMS.of(stored), seed
        with self.clock.spend("propose"):
            params = propose(trial, self.recipes.resolved.space, self.definition)
        own = trial_seed(self.definition.search.seed, trial.number)
        return self._with_rate(params), own if seed is None else seed

    def _with_rate(self, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """`params` with the rate that follows from others, where the variant samples none."""
        rate_of = self.recipes.variant(params).rate_of
        if rate_of is None:
            return params
        return {**params, "rate": rate_of(self.recipes.values(params))}


def _columns(history: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    names = history[0] if history else ()
    return {name: [row[name] for row in history] for name in names}
