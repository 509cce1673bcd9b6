"""Searches of other packages, in one flat space: variant, share of its range of rates, width."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from replay.method import Proposal
from replay.world import Floats, World


class Random:
    """Variant, rate and width at random, every trial whole; the best trial is recommended."""

    def __init__(self, world: World, seed: int, _trials: int) -> None:
        self._world, self._generator = world, np.random.default_rng(seed)
        self._tried: list[tuple[float, int]] = []
        self._point = 0

    def propose(self) -> Proposal:
        world, generator = self._world, self._generator
        variant = world.variants[generator.integers(len(world.variants))]
        width = world.widths[generator.integers(len(world.widths))]
        self._point = world.at(variant, generator.uniform(), width)
        return Proposal(self._point)

    def learn(self, curve: Floats) -> int:
        self._tried.append((self._world.sign * float(curve[-1]), self._point))
        return len(curve)

    def recommend(self) -> int:
        return max(self._tried, key=lambda tried: tried[0])[1]


class Gaussian:
    """Optuna's GPSampler, every trial whole; the best trial is recommended."""

    def __init__(self, world: World, seed: int, _trials: int) -> None:
        self._world = world
        sampler = optuna.samplers.GPSampler(seed=seed)
        self._study = optuna.create_study(direction=world.direction, sampler=sampler)
        self._points: list[int] = []

    def propose(self) -> Proposal:
        self._trial = trial = self._study.ask()
        variant = trial.suggest_categorical("variant", self._world.variants)
        share = trial.suggest_float("share", 0.0, 1.0)
        width = trial.suggest_categorical("width", self._world.widths)
        self._points.append(self._world.at(variant, share, width))
        return Proposal(self._points[-1])

    def learn(self, curve: Floats) -> int:
        self._study.tell(self._trial, float(curve[-1]))
        return len(curve)

    def recommend(self) -> int:
        return self._points[self._study.best_trial.number]


class KerasTuner:
    """KerasTuner's Bayesian optimization; the best trial is recommended."""

    def __init__(self, world: World, seed: int, trials: int) -> None:
        import keras_tuner

        self._world, self._folder = world, tempfile.TemporaryDirectory()
        space = keras_tuner.HyperParameters()
        space.Choice("variant", list(world.variants))
        space.Float("share", 0.0, 1.0)
        space.Choice("width", list(world.widths))
        goal = keras_tuner.Objective("value", "max" if world.sign > 0 else "min")
        self._oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            objective=goal, max_trials=trials, seed=seed, hyperparameters=space
        )
        self._oracle._set_project_dir(self._folder.name, "search")
        self._oracle.verbose = 0
        self._trial: Any = None

    def propose(self) -> Proposal:
        self._trial = self._oracle.create_trial("tuner")
        return Proposal(self._point(self._trial))

    def learn(self, curve: Floats) -> int:
        trial = self._trial
        self._oracle.update_trial(trial.trial_id, {"value": float(curve[-1])})
        trial.status = "COMPLETED"
        self._oracle.end_trial(trial)
        return len(curve)

    def recommend(self) -> int:
        return self._point(self._oracle.get_best_trials(1)[0])

    def _point(self, trial: Any) -> int:
        values = trial.hyperparameters.values
        return self._world.at(values["variant"], values["share"], values["width"])


class Smac:
    """SMAC3's HyperparameterOptimizationFacade over seeds; the incumbent is recommended.

    A trial is one configuration with one seed; its intensification decides who gets another.
    """

    def __init__(self, world: World, seed: int, trials: int) -> None:
        import ConfigSpace
        import smac

        self._world, self._folder = world, tempfile.TemporaryDirectory()
        space = ConfigSpace.ConfigurationSpace(seed=seed)
        variant = ConfigSpace.Categorical("variant", list(world.variants), default="none")
        share = ConfigSpace.Float("share", (0.0, 1.0), default=0.5)
        width = ConfigSpace.OrdinalHyperparameter("width", list(world.widths))
        space.add(variant, share, width)
        space.add(ConfigSpace.NotEqualsCondition(share, variant, "none"))
        facade = smac.HyperparameterOptimizationFacade
        scenario = smac.Scenario(
            space, n_trials=trials, seed=seed, output_directory=Path(self._folder.name)
        )
        self._smac = facade(scenario, _never, logging_level=False, overwrite=True)
        self._seeds: dict[int, int] = {}
        self._info: Any = None

    def propose(self) -> Proposal:
        self._info = self._smac.ask()
        place = self._seeds.setdefault(self._info.seed, len(self._seeds))
        return Proposal(self._point(self._info.config), place)

    def learn(self, curve: Floats) -> int:
        from smac.runhistory.dataclasses import TrialValue

        self._smac.tell(self._info, TrialValue(cost=-self._world.sign * float(curve[-1])))
        return len(curve)

    def recommend(self) -> int:
        found = self._smac.intensifier.get_incumbent()
        return self._point(found)

    def _point(self, config: Any) -> int:
        values = dict(config)
        return self._world.at(
            str(values["variant"]), float(values.get("share", 0.0)), int(values["width"])
        )


def _never(_config: Any, seed: int = 0) -> float:
    """SMAC wants a target, but it is asked and told."""
    raise NotImplementedError(seed)
