"""The bridge: trial -> params -> trained model -> value; epochs -> pruning."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import optuna

from tuner.buffer import Buffer
from tuner.data.parts import Development
from tuner.resolve import Resolved
from tuner.space import Scalar
from tuner.study import pruning_epochs, trial_seed
from tuner.trainer import Trainer


class Objective:
    """Objective(resolved, development)(trial) -> the trial's value.

    `on_epoch(number, epoch, value)` follows each epoch and may raise to end the trial, `notice`
    takes what the user should know, `clock` counts the seconds.
    """

    def __init__(
        self,
        resolved: Resolved,
        development: Development,
        on_epoch: Callable[[int, int, float], None] = lambda number, epoch, value: None,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.trainer = Trainer(resolved, development, notice)
        self.definition = resolved.definition
        self.metric = self.trainer.metric
        self.clock = self.trainer.clock
        self._on_epoch = on_epoch
        self._asked = pruning_epochs(resolved.definition)

    def __call__(self, trial: optuna.Trial, attrs: Mapping[str, Any] | None = None) -> float:
        """Train one trial, report each epoch, prune; what happened is kept as user attributes.

        `attrs` are kept beside them.
        """
        with self.clock.spend("store"):
            params = self._with_rate(self.trainer.resolved.space.suggest(trial))
            seed = trial_seed(self.definition.search.seed, trial.number)
            values = self.trainer.values(params)
            variant = self.trainer.variant(params)
            recorded = dict(variant.record(values))
            _note(trial, {**(attrs or {}), "params": params, "seed": seed, "measured": recorded})
            if isinstance(trial.storage, Buffer):
                trial.storage.write()
        epochs = self.definition.training.epochs
        judged = variant.warmup(values) * epochs
        history: list[Mapping[str, float]] = []

        def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
            history.append(metrics)
            value = metrics[f"val_{self.metric}"]
            self._on_epoch(trial.number, epoch, value)
            with self.clock.spend("store"):
                trial.report(value, epoch)
                losing = epoch in self._asked and trial.should_prune()
            if losing and judged <= epoch < epochs and "role" not in trial.user_attrs:
                raise optuna.TrialPruned

        started = time.perf_counter()
        try:
            result = self.trainer.run(params, seed, on_epoch)
            at_end = {f"train_{self.metric}": result.train_value, "n_weights": result.n_weights}
            _note(trial, {**at_end, "measured": recorded | result.measured})
        finally:
            with self.clock.spend("store"):
                seconds = round(time.perf_counter() - started, 3)
                _note(trial, {"history": _columns(history), "seconds": seconds})
        return result.value

    def _with_rate(self, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """`params` with the rate that follows from the knobs, where the variant samples none."""
        rate_of = self.trainer.variant(params).rate_of
        if rate_of is None:
            return params
        return {**params, "rate": rate_of(self.trainer.values(params))}


def _note(trial: optuna.Trial, attrs: Mapping[str, Any]) -> None:
    for name, value in attrs.items():
        trial.set_user_attr(name, value)


def _columns(history: list[Mapping[str, float]]) -> dict[str, list[float]]:
    names = history[0] if history else ()
    return {name: [row[name] for row in history] for name in names}
