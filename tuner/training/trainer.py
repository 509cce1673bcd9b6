"""Params and a seed -> a trained model and its value, with one program for every structure."""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.data.dataset import Development
from tuner.dropout import rebuild
from tuner.dropout.variant import Variant
from tuner.models.loading import build_model
from tuner.schema import Scalar
from tuner.study.definition import Training
from tuner.training.batches import Arrays, Stream
from tuner.training.clock import Clock
from tuner.training.evaluation import assess
from tuner.training.loop import evaluate, measure, train
from tuner.training.program import Program
from tuner.training.randomness import set_seed
from tuner.training.saving import save_model
from tuner.training.signature import signature
from tuner.workers.resolve import TRAINED, Resolved

_MAX_PROGRAMS = 16
OnEpoch = Callable[[int, Mapping[str, float]], None]
Params = Mapping[str, Scalar]
Begin = Callable[[], tuple[list[Mapping[str, float]], list[Any]] | None]


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
    measured: dict[str, float]


class Trainer:
    """Trains models of one study on its development data.

    Programs are kept, the latest used last, and serve every later model of the same structure.
    `notice` takes what the user should know, `clock` counts the seconds.
    """

    def __init__(
        self,
        resolved: Resolved,
        development: Development,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.resolved = resolved
        self.metric = str(resolved.definition.metric)
        self.clock = Clock()
        self._development = development
        self._train = Arrays.of(development.train)
        self._validation = Arrays.of(development.validation)
        self._notice = notice
        if isinstance(self._train, Stream):
            notice("the data are tf.data sets: a loop over their batches, which is slower")
        self._programs: OrderedDict[tuple[str, str], Program] = OrderedDict()
        self._last: Program | None = None
        self._known: set[frozenset[tuple[str, Scalar]]] = set()

    def is_known(self, params: Params) -> bool:
        """Whether a trial with `params`, apart from numbers like rates, has been run here."""
        choices = _choices({"variant": self.resolved.space.variants[0], **params})
        return any(choices <= known for known in self._known)

    def state(self) -> list[Any]:
        """All that the running training consists of between two epochs; for `run` to go on."""
        assert self._last is not None  # noqa: S101
        return self._last.state()

    def run(
        self,
        params: Params,
        seed: int,
        on_epoch: OnEpoch = lambda epoch, metrics: None,
        begin: Begin = lambda: None,
    ) -> Result:
        """Train a model with `params`; everything random in it comes from `seed`.

        `begin`, called when the model is ready, may give the metrics of the epochs that are done
        and the state after them.
        """
        settings = self._settings(params)
        self._known.add(_choices(params))
        with self.clock.spend("build"):
            program = self._program(params, settings, seed)
        history: list[dict[str, float]] = []
        begun = begin()
        if begun is not None:
            history, state = [dict(metrics) for metrics in begun[0]], begun[1]
            program.restore(state)

        def keep(epoch: int, metrics: Mapping[str, float]) -> None:
            history.append(dict(metrics))
            on_epoch(epoch, metrics)

        with self.clock.spend("train"):
            train(
                program,
                self._train,
                self._validation,
                settings,
                seed=seed,
                on_epoch=keep,
                after=len(history),
            )
        with self.clock.spend("evaluate"):
            at_end = evaluate(program, self._train, "train")
            measured = measure(program, self._validation)
        return Result(
            history=history,
            value=history[-1][f"val_{self.metric}"],
            train_value=at_end[f"train_{self.metric}"],
            n_weights=sum(math.prod(w.shape) for w in program.model.trainable_weights),
            measured=measured,
        )

    def assess(self) -> dict[str, float]:
        """What the model that was trained last is worth beyond the metric, where it is judged.

        Nothing is known of the rows of tf.data sets.
        """
        program = self._last
        if isinstance(self._validation, Stream):
            return {}
        assert program is not None  # noqa: S101
        return assess(program.rebuilt, self._development, self.metric)

    def saver(self) -> Callable[[Path], None]:
        """What writes the model that was trained last, later: raw rows in, answers out."""
        program = self._last
        if program is None:
            raise ValueError("nothing has been trained yet")
        weights = program.weights()

        def save(path: Path) -> None:
            program.assign(weights)
            save_model(program.model, self._development, self.metric, path)

        return save

    def _program(self, params: Params, settings: Training, seed: int) -> Program:
        set_seed(seed)
        source, spec = self.resolved.definition.model, self._development.spec
        model = build_model(self.resolved.build, params, spec, source)
        rebuilt = rebuild.rebuild(model, self.variant(params), self.values(params))
        key = (str(params["variant"]) + settings.optimizer, signature(rebuilt.model))
        program = self._programs.pop(key, None)
        if program is None:
            program = self._compile(rebuilt, settings)
        self._programs[key] = self._last = program
        if len(self._programs) > _MAX_PROGRAMS:
            self._programs.popitem(last=False)
        program.load(rebuilt)
        return program

    def _compile(self, rebuilt: rebuild.Rebuilt, settings: Training) -> Program:
        with self.clock.spend("compile"):
            program = Program(
                rebuilt, self._development, metric=self.metric, optimizer=settings.optimizer
            )
        if program.trouble:
            self._notice(f"the model runs uncompiled, which is slower: {program.trouble}")
        return program

    def _settings(self, params: Params) -> Training:
        searched = {name: params[name] for name in TRAINED if name in params}
        return self.resolved.definition.training.model_copy(update=searched)

    def variant(self, params: Params) -> Variant:
        """The variant of a trial, over its base."""
        return self.resolved.variants[str(params["variant"])].given(self.values(params))

    def values(self, params: Params) -> dict[str, Any]:
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


def _choices(params: Params) -> frozenset[tuple[str, Scalar]]:
    return frozenset(item for item in params.items() if not isinstance(item[1], float))
