"""A recipe and a seed -> a trained model and its value, with one program for every structure."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from tuner.data.dataset import TrainValidation
from tuner.dropout import rebuild
from tuner.training.backend import build_with
from tuner.training.batches import Fold, Stream, specs_of
from tuner.training.clock import Clock
from tuner.training.evaluation import assess
from tuner.training.likeness import compile_likeness
from tuner.training.loop import evaluate, measure, train_program
from tuner.training.naming import Direction, known_direction
from tuner.training.owner import complete, take_compile
from tuner.training.program import Program
from tuner.training.recipe import Recipe, TrainingResult
from tuner.training.saving import save_model, trouble_with
from tuner.training.settings import TrainingSettings
from tuner.training.signature import signature
from tuner.training.watching import Watch, watch_for

_MAX_PROGRAMS = 16
OnEpoch = Callable[[int, Mapping[str, float]], None]
Begin = Callable[[], tuple[list[Mapping[str, float]], list[Any]] | None]


class Trainer:
    """Trains models on one set of data, or on its folds, judged by one metric.

    Programs are kept, the latest used last, and serve every later model of the same structure.
    `notice` takes what the user should know, `clock` counts the seconds.
    """

    def __init__(
        self,
        data: TrainValidation,
        metric: str,
        notice: Callable[[str], None] = lambda text: None,
        direction: Direction | None = None,
    ) -> None:
        self.metric, self._direction = metric, direction
        self.clock = Clock()
        self._folds = [Fold.of(fold, self.clock) for fold in data.folds]
        self._fold = self._folds[0]
        self._notice = notice
        if isinstance(self._fold.train, Stream):
            notice("the data are tf.data sets: a loop over their batches, which is slower")
        self._programs: OrderedDict[tuple[str, str], Program] = OrderedDict()
        self._last: Program | None = None

    @property
    def n_folds(self) -> int:
        """How many folds there are to train on."""
        return len(self._folds)

    @property
    def model(self) -> keras.Model:
        """The model that was trained last, until the next one is."""
        return self.program.model

    @property
    def program(self) -> Program:
        """What trained the last one."""
        if self._last is None:
            raise ValueError("nothing has been trained yet")
        return self._last

    def state(self) -> list[Any]:
        """All that the running training consists of between two epochs; for `run` to go on."""
        return self.program.state()

    def run(
        self,
        recipe: Recipe,
        seed: int,
        on_epoch: OnEpoch = lambda epoch, metrics: None,
        begin: Begin = lambda: None,
        *,
        fold: int = 0,
    ) -> TrainingResult:
        """Train a model on a fold of the data; everything random in it comes from `seed`.

        `begin`, called when the model is ready, may give the metrics of the epochs that are done
        and the state after them.
        """
        self._fold = self._folds[fold]
        with self.clock.spend("build"):
            program = self._program(recipe, seed)
        begun = begin()
        history = [] if begun is None else [dict(metrics) for metrics in begun[0]]
        if begun is not None:
            program.restore(begun[1])

        def keep(epoch: int, metrics: Mapping[str, float]) -> None:
            history.append(dict(metrics))
            on_epoch(epoch, metrics)

        watch = self._watch(recipe.settings)
        given = (program, self._fold.train, self._fold.validation, recipe.settings)
        with self.clock.spend("train"):
            train_program(*given, seed=seed, on_epoch=keep, after=len(history), watch=watch)
        with self.clock.spend("evaluate"):
            return self._result(program, recipe.settings, history)

    def _result(
        self, program: Program, settings: TrainingSettings, history: list[dict[str, float]]
    ) -> TrainingResult:
        at_end = evaluate(program, self._fold.train, "train")
        measured = measure(program, self._fold.validation)
        value = history[-1][f"val_{self.metric}"]
        if settings.keeps_others or program.driver.keeps_average:
            value = evaluate(program, self._fold.validation, "val")[f"val_{self.metric}"]
        return TrainingResult(
            history=history,
            value=value,
            train_value=at_end[f"train_{self.metric}"],
            n_weights=sum(math.prod(w.shape) for w in program.model.trainable_weights),
            measured=measured,
        )

    def assess(self) -> dict[str, float]:
        """What the model that was trained last is worth beyond the metric, where it is judged.

        Nothing is known of the rows of tf.data sets.
        """
        if isinstance(self._fold.validation, Stream):
            return {}
        return assess(self.program.rebuilt, self._fold.data, self.metric)

    def saver(self) -> Callable[[Path], None]:
        """What writes the model that was trained last, later: raw rows in, answers out."""
        program, data, weights = self.program, self._fold.data, self.program.weights()

        def save(path: Path) -> None:
            program.assign(weights)
            save_model(program.model, program.owner, data, self.metric, path)
            trouble = trouble_with(path, program.model, data)
            if trouble is not None:
                self._notice(trouble)

        return save

    def _program(self, recipe: Recipe, seed: int) -> Program:
        model = build_with(recipe.build, seed, keeps=recipe.settings.weights == "keep")
        inputs = self._fold.data.spec.inputs
        rebuilt = rebuild.rebuild(model, recipe.variant, self._told(recipe), inputs)
        take_compile(rebuilt.plain, model)
        complete(rebuilt.plain, specs_of(self._fold.data.train))
        key = (_way(recipe, rebuilt), signature(rebuilt.model, inputs, self._notice))
        program = self._programs.pop(key, None)
        if program is None:
            program = self._compile(rebuilt, recipe.settings)
        self._programs[key] = self._last = program
        if len(self._programs) > _MAX_PROGRAMS:
            self._programs.popitem(last=False)
        program.load(rebuilt)
        program.scale_by(self._fold.data)
        return program

    def _watch(self, settings: TrainingSettings) -> Watch:
        """The callbacks of a training."""
        if not settings.is_watched:
            return Watch([])
        direction = known_direction(self.metric, self._direction)
        return watch_for(settings, self.metric, direction, self.program.driver.optimizer)

    def _told(self, recipe: Recipe) -> dict[str, Any]:
        """What the variant is told: what the recipe says, and what follows from the data."""
        n_train = self._fold.train.n
        return {
            "n_train": n_train,
            "n_steps": recipe.settings.epochs * -(-n_train // recipe.settings.batch_size),
            "task": self._fold.data.spec.task,
            **recipe.values,
        }

    def _compile(self, rebuilt: rebuild.Rebuilt, settings: TrainingSettings) -> Program:
        with self.clock.spend("compile"):
            program = Program(rebuilt, self._fold.data, metric=self.metric, settings=settings)
        if program.trouble:
            self._notice(f"the model runs uncompiled, which is slower: {program.trouble}")
        return program


def _way(recipe: Recipe, rebuilt: rebuild.Rebuilt) -> str:
    """What of the training a program is made for."""
    settings = recipe.settings
    told = (settings.optimizer, settings.learning_rate is None, settings.class_weight)
    watched = settings.callbacks is not None
    return f"{recipe.variant.name}{told}{watched}{compile_likeness(rebuilt.plain)}"
