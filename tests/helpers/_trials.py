"""Trials that are trained without a study."""

from tuner.training.trainer import Trainer
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import resolve


class Trials:
    """A trainer that takes the params of a definition's trials."""

    def __init__(self, definition, train_validation, notice=lambda text: None):
        resolved = resolve(definition, train_validation)
        self.recipes = Recipes(resolved, train_validation)
        self.trainer = Trainer(train_validation, resolved.definition.metric, notice)

    def run(self, params, seed, **how):
        return self.trainer.run(self.recipes.of(params), seed, **how)
