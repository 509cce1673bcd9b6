"""A candidate and a seed -> what the trained network is worth on rows it has never seen."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from evidence import machine
from evidence.case import Case, Params, Training, label
from scipy import stats
from table.grid import middles

from tuner.data.dataset import Split, TrainValidation
from tuner.data.loading import open_dataset
from tuner.dropout.variant import Variant
from tuner.export.provenance import processor
from tuner.schema import Scalar
from tuner.study.definition import StudyDefinition
from tuner.study.distributions import middle
from tuner.training.evaluation import assess
from tuner.training.loop import DivergedError
from tuner.training.metrics import metric_of, nll_of_targets, prefixed
from tuner.training.prediction import answer
from tuner.training.trainer import Trainer
from tuner.workers.recipe import Recipes, trainer_of
from tuner.workers.resolve import resolve

PASSES = 100
PRECISIONS = tuple(float(each) for each in np.geomspace(1, 400, 25).round(3))
"""Of standardized targets: those among which a validation part chooses."""

LEVELS = tuple(each / 10 for each in range(1, 10))
"""Of central intervals."""


def train(part: str, case: Case, done: set[tuple[str, str, int, str]]) -> Iterator[Training]:
    """Train what is not done of a case: one process, one program for each structure."""
    missing = [p for p in case.candidates if (part, case.name, case.seed, label(p)) not in done]
    if not missing:
        return
    bench = Bench.of(case)
    for params in missing:
        yield bench.train(part, case, params)


@dataclass(frozen=True)
class Bench:
    """What trains a case."""

    data: TrainValidation
    sealed: TrainValidation
    trainer: Trainer
    recipes: Recipes

    @classmethod
    def of(cls, case: Case) -> "Bench":
        """The data and the trainer of a case."""
        table = {"name": "reference", "search": {"seed": case.seed}, **case.study}
        definition = StudyDefinition.parse(table, case.name)
        dataset = open_dataset(definition.data_settings)
        resolved = resolve(definition, dataset.train_validation)
        sealed = resolve(definition, replace(dataset.train_validation, validation=dataset.test))
        return cls(resolved.data, sealed.data, *trainer_of(resolved, resolved.data))

    @property
    def test(self) -> Split:
        """The part that nothing is chosen by."""
        return self.sealed.validation

    def train(self, part: str, case: Case, params: Params) -> Training:
        """One training; candidates of a seed begin with the same weights and orders."""
        metric, began = self.trainer.metric, time.perf_counter()
        curves: tuple[list[float], list[float]] = ([], [])

        def note(_: int, found: Mapping[str, float]) -> None:
            for curve, name in zip(curves, (f"train_{metric}", f"val_{metric}"), strict=True):
                curve.append(found[name])

        try:
            result = self.trainer.run(self.recipes.of(self._whole(params)), case.seed, note)
            own = {"train": result.train_value, "validation": result.value}
            measured = own | self._tested() | (self._diagnosed() if case.diagnoses else {})
        except DivergedError:
            measured = {}
        seconds = time.perf_counter() - began
        found = Training(part, case.name, case.seed, params, *curves, measured, seconds)
        return replace(found, threads=machine.threads(), processor=processor())

    def _whole(self, params: Params) -> dict[str, Scalar]:
        """Params with the middle of all that is not said."""
        resolved = self.recipes.resolved
        variant: Variant = resolved.variants[str(params["variant"])]
        own = {f"{variant.name}.{k}": v for k, v in middles(variant.hyperparameters).items()}
        shared = {name: middle(axis) for name, axis in resolved.space.axes.items()}
        return {**shared, **own, **params}

    def _tested(self) -> dict[str, float]:
        """The metric on the test part; of targets densities too."""
        task, y_scale = self.data.spec.task, self.data.scaling.y_scale
        answers = answer(self.trainer.model, self.test.x, task)
        found = {"test": metric_of(self.trainer.metric, answers, self.test.y, y_scale)}
        return found | (self._densities() if task == "regression" else {})

    def _diagnosed(self) -> dict[str, float]:
        """What `tuner compare` measures beyond the metric."""
        found = assess(self.trainer.program.rebuilt, self.sealed, self.trainer.metric)
        return prefixed("test_", found)

    def _densities(self) -> dict[str, float]:
        """NLL of `PASSES` passes by precision, on both parts; of the test part who is within."""
        data, plain = self.data, self.trainer.program.rebuilt.plain
        parts = {"validation": data.validation, "test": self.test}
        found: dict[str, float] = {}
        for name, part in parts.items():
            passes = np.stack([answer(plain, part.x, "regression", n) for n in range(PASSES)])
            for tau in PRECISIONS:
                nll = nll_of_targets(passes, part.y, np.array(1 / tau), data.scaling.y_scale)
                found[f"{name}_nll_{tau:g}"] = nll
                if name == "test":
                    found |= within(passes, part.y, tau)
            mean = np.mean(passes, axis=0)
            found[f"{name}_passes"] = metric_of("rmse", mean, part.y, data.scaling.y_scale)
        return found


def within(passes: npt.NDArray[Any], y: npt.NDArray[Any], tau: float) -> dict[str, float]:
    """The share of targets within each central interval, of normal passes of precision tau."""
    below = stats.norm.cdf(y, passes, tau**-0.5).mean(axis=0)
    return {
        share_name(level, tau): float(np.mean(np.abs(below - 0.5) <= level / 2)) for level in LEVELS
    }


def share_name(level: float, tau: float) -> str:
    """What the share within an interval is called among what was measured."""
    return f"test_within_{level:g}_{tau:g}"
