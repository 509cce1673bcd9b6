"""Params of a trial -> the recipe of its training."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tuner.data.dataset import TrainValidation
from tuner.dropout.variant import Variant
from tuner.models.calling import telling_rows
from tuner.models.loading import build_model
from tuner.schema import Scalar
from tuner.training.recipe import Recipe
from tuner.training.settings import TrainingSettings
from tuner.training.trainer import Trainer
from tuner.workers.resolve import TRAINED, Resolved

Params = Mapping[str, Scalar]


class Recipes:
    """What the params of a study's trials stand for, on its data."""

    def __init__(self, resolved: Resolved, data: TrainValidation) -> None:
        self.resolved = resolved
        self._data = data
        self._rows = telling_rows(data.train)
        self._made: set[frozenset[tuple[str, Scalar]]] = set()

    def of(self, params: Params) -> Recipe:
        """What a trial with `params` trains."""
        self._made.add(_choices(params))
        definition, spec = self.resolved.definition, self._data.spec
        return Recipe(
            partial(build_model, self.resolved.build, params, spec, definition.model, self._rows),
            self.variant(params),
            self.values(params),
            self._settings(params),
        )

    def is_known(self, params: Params) -> bool:
        """Whether there was a recipe here for `params`, apart from numbers like rates."""
        choices = _choices({"variant": self.resolved.space.variants[0], **params})
        return any(choices <= made for made in self._made)

    def variant(self, params: Params) -> Variant:
        """The variant of a trial, over its base."""
        return self.resolved.variants[str(params["variant"])].given(self.values(params))

    def values(self, params: Params) -> dict[str, Any]:
        """What the trial's variant is told: its rate and hyperparameters by their own names, and N.

        The hyperparameters of its base are among them.
        """
        variant = str(params["variant"])
        owners = (variant, str(params.get(f"{variant}.base", variant)))
        hps = {
            name.partition(".")[2]: value
            for name, value in params.items()
            if name.partition(".")[0] in owners
        }
        return {
            "rate": params["rate"],
            "rates": [
                params.get(name, params["rate"]) for name in self.resolved.space.rate_names()
            ],
            "kinds": self.resolved.space.kinds,
            **hps,
        }

    def _settings(self, params: Params) -> TrainingSettings:
        searched = {name: params[name] for name in TRAINED if name in params}
        return self.resolved.definition.training.model_copy(update=searched)


def trainer_of(resolved: Resolved, data: TrainValidation) -> tuple[Trainer, Recipes]:
    """What trains a study's trials, and what it is to train."""
    definition = resolved.definition
    trainer = Trainer(data, str(definition.metric), direction=definition.better)
    return trainer, Recipes(resolved, data)


def _choices(params: Params) -> frozenset[tuple[str, Scalar]]:
    return frozenset(item for item in params.items() if not isinstance(item[1], float))
