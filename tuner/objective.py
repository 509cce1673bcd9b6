"""The bridge: trial -> params -> program -> epochs -> value; epochs -> pruning."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import optuna

from tuner import sites
from tuner.data.dataset import Development
from tuner.definition import Training
from tuner.export_model import save_model
from tuner.models.opening import build_model
from tuner.resolve import TRAINED, Resolved
from tuner.signature import signature
from tuner.space import Scalar
from tuner.study import trial_seed
from tuner.training import Arrays, Program
from tuner.variants._contract import Variant

_MAX_PROGRAMS = 16
OnEpoch = Callable[[int, Mapping[str, float]], bool]
Params = Mapping[str, Scalar]


@dataclass(frozen=True)
class Result:
    """One training: per-epoch metrics, and the metric on the train part without noise at the end.

    `value` is the metric on the validation part after the last epoch, `measured` what the variant
    measures there.
    """

    history: list[dict[str, float]]
    value: float
    train_value: float
    n_weights: int
    measured: Mapping[str, float]


class Objective:
    """Objective(resolved, development)(trial) -> the trial's value.

    Programs are kept, the latest used last, and serve every later trial of the same structure.
    """

    def __init__(
        self,
        resolved: Resolved,
        development: Development,
        on_epoch: Callable[[int, int, float], None] = lambda number, epoch, value: None,
    ) -> None:
        self.resolved = resolved
        self.definition = resolved.definition
        self.metric = str(resolved.definition.metric)
        self._development = development
        self._train = Arrays.of(development.train)
        self._validation = Arrays.of(development.validation)
        self._on_epoch = on_epoch
        self._programs: OrderedDict[tuple[str, str], Program] = OrderedDict()
        self._last: Program | None = None

    def __call__(self, trial: optuna.Trial) -> float:
        """Train one trial, report each epoch, prune; what happened is kept as user attributes."""
        params = self._with_rate(self.resolved.space.suggest(trial))
        seed = trial_seed(self.definition.search.seed, trial.number)
        trial.set_user_attr("params", params)
        trial.set_user_attr("seed", seed)
        values = self._values(params)
        variant = self._variant(params)
        judged = variant.warmup(values) * self.definition.training.epochs
        reported = set(trial.storage.get_trial(trial._trial_id).intermediate_values)
        epochs = self.definition.training.epochs
        history: list[Mapping[str, float]] = []

        def on_epoch(epoch: int, metrics: Mapping[str, float]) -> bool:
            history.append(metrics)
            value = metrics[f"val_{self.metric}"]
            if epoch not in reported:
                trial.report(value, epoch)
            self._on_epoch(trial.number, epoch, value)
            losing = trial.should_prune()
            return not losing or not judged <= epoch < epochs or "role" in trial.user_attrs

        started = time.perf_counter()
        try:
            result = self.run(params, seed, on_epoch)
        finally:
            trial.set_user_attr("history", _columns(history))
            trial.set_user_attr("seconds", round(time.perf_counter() - started, 3))
        trial.set_user_attr("measured", dict(variant.record(values)))
        if len(history) < epochs:
            raise optuna.TrialPruned
        trial.set_user_attr(f"train_{self.metric}", result.train_value)
        trial.set_user_attr("n_weights", result.n_weights)
        trial.set_user_attr("measured", {**variant.record(values), **result.measured})
        return result.value

    def run(
        self, params: Params, seed: int, on_epoch: OnEpoch = lambda epoch, metrics: True
    ) -> Result:
        """Train a model with `params`; everything random in it comes from `seed`."""
        settings = self._settings(params)
        program = self._program(params, settings, seed)
        history: list[dict[str, float]] = []

        def keep(epoch: int, metrics: Mapping[str, float]) -> bool:
            history.append(dict(metrics))
            return on_epoch(epoch, metrics)

        program.train(
            self._train,
            self._validation,
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            seed=seed,
            on_epoch=keep,
        )
        at_end = program.evaluate(self._train, "train")
        return Result(
            history=history,
            value=history[-1][f"val_{self.metric}"],
            train_value=at_end[f"train_{self.metric}"],
            n_weights=sum(math.prod(w.shape) for w in program.model.trainable_weights),
            measured=program.measure(self._validation),
        )

    def save(self, path: Path) -> None:
        """Save the model that was trained last: raw rows in, probabilities or targets out."""
        if self._last is not None:
            save_model(self._last.model, self._development, self.metric, path)

    def _program(self, params: Params, settings: Training, seed: int) -> Program:
        keras.utils.set_random_seed(seed)
        source, spec = self.definition.model, self._development.spec
        model = build_model(self.resolved.build, params, spec, source)
        rebuilt = sites.rebuild(model, self._variant(params), self._values(params))
        key = (str(params["variant"]) + settings.optimizer, signature(rebuilt.model))
        program = self._programs.pop(key, None)
        if program is None:
            program = Program(
                rebuilt, self._development, metric=self.metric, optimizer=settings.optimizer
            )
        self._programs[key] = self._last = program
        if len(self._programs) > _MAX_PROGRAMS:
            self._programs.popitem(last=False)
        program.load(rebuilt)
        return program

    def _settings(self, params: Params) -> Training:
        searched = {name: params[name] for name in TRAINED if name in params}
        return self.definition.training.model_copy(update=searched)

    def _variant(self, params: Params) -> Variant:
        """The variant of a trial, over its base."""
        return self.resolved.variants[str(params["variant"])].given(self._values(params))

    def _with_rate(self, params: Params) -> Params:
        """`params` with the rate that follows from the knobs, where the variant samples none."""
        rate_of = self._variant(params).rate_of
        return params if rate_of is None else {**params, "rate": rate_of(self._values(params))}

    def _values(self, params: Params) -> dict[str, Any]:
        """What the trial's variant is told: its rate and knobs by their own names, and N.

        The knobs of its base are among them.
        """
        variant = str(params["variant"])
        owners = (variant, str(params.get(f"{variant}.base", variant)))
        knobs = {
            name.partition(".")[2]: value
            for name, value in params.items()
            if name.partition(".")[0] in owners
        }
        return {
            "rate": params["rate"],
            "rates": [params[name] for name in self.resolved.space.rate_names() if name in params],
            "n_train": len(self._development.train.x),
            "task": self._development.spec.task,
            **knobs,
        }


def _columns(history: list[Mapping[str, float]]) -> dict[str, list[float]]:
    names = history[0] if history else ()
    return {name: [row[name] for row in history] for name in names}
