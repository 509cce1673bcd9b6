"""What a search would do, and how long it would take."""

import time
from dataclasses import dataclass, replace

from tuner.data.dataset import TrainValidation
from tuner.data.loading import open_dataset
from tuner.errors import TunerError
from tuner.schema import describe
from tuner.study.definition import StudyDefinition
from tuner.training.loop import DivergedError
from tuner.training.recipe import Recipe
from tuner.training.trainer import Trainer
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import Resolved, resolve


@dataclass(frozen=True)
class DryRun:
    """What a search would do: its space, its budget, and seconds from two measured trainings."""

    resolved: Resolved
    train_validation: TrainValidation
    first_seconds: float
    trial_seconds: float

    @property
    def seconds(self) -> float:
        """An upper bound for the search: every trial unpruned, every structure compiled."""
        n_trials = self.resolved.definition.search.trials
        n_structures = min(n_trials, self.resolved.space.n_structures())
        return n_trials * self.trial_seconds + n_structures * self.first_seconds

    def rows(self) -> list[tuple[str, str]]:
        """What would run, a line each."""
        definition, space = self.resolved.definition, self.resolved.space
        parts, training = self.train_validation, self.resolved.definition.training
        n_folds = len(parts.folds)
        split = f"{parts.n_train} training, {parts.n_validation} validation"
        if n_folds > 1:
            split = f"{n_folds} folds of {parts.n_train} training rows, {parts.n_validation} judged"
        rates = ((name, branch.rate) for name, branch in space.branches.items())
        return [
            ("study", definition.name),
            ("data", f"{definition.data}, rows of shape {parts.spec.input_shape}"),
            *(("data", note) for note in self.resolved.notes),
            ("split", f"{split}, the test part sealed"),
            ("model", definition.model),
            ("metric", f"{definition.metric}"),
            ("variants", ", ".join(space.variants)),
            *((f"{name} rate", describe(rate)) for name, rate in rates if rate is not None),
            *((name, describe(axis)) for name, axis in space.axes.items()),
            ("training", f"{training.epochs} epochs, batches of {training.batch_size}"),
            ("search", f"{definition.search.sampler}, {definition.search.pruner}"),
            ("trials", f"{definition.search.trials}, {self.trial_seconds:.1f} s each (measured)"),
            ("at most", f"{self.seconds:.0f} s"),
        ]


def measure(definition: StudyDefinition) -> DryRun:
    """Resolve a definition and measure two epochs of its second baseline, twice; writes nothing."""
    resolved = resolve(definition, open_dataset(definition.data_settings).train_validation)
    train_validation = resolved.data
    epochs = definition.training.epochs
    short = definition.training.model_copy(update={"epochs": min(2, epochs)})
    brief = resolved.definition.model_copy(update={"training": short})
    trainer, recipes = trainer_of(replace(resolved, definition=brief), train_validation)
    recipe = recipes.of(resolved.space.params_of(resolved.space.baseline(1)))
    seconds = []
    for _ in range(2):
        started = time.monotonic()
        _train(trainer, recipe)
        seconds.append(time.monotonic() - started)
    first, second = seconds
    whole = second / short.epochs * epochs * len(train_validation.folds)
    return DryRun(resolved, train_validation, max(0.0, first - second), whole)


def _train(trainer: Trainer, recipe: Recipe) -> None:
    try:
        trainer.run(recipe, seed=0)
    except DivergedError as error:
        raise TunerError(f"trial 1 would fail: {error} (a smaller learning_rate?)") from None
