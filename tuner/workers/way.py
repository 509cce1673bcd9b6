"""How the trials of a study are trained and judged: what its model's owner says, and the study."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import keras

from tuner.data.dataset import TrainValidation
from tuner.dropout.variant import Variant
from tuner.schema import Axis
from tuner.study.definition import StudyDefinition, Training
from tuner.training.keras_training import learning_rate_of
from tuner.training.naming import Direction, known_direction
from tuner.training.optimizers import has_schedule, refuse_schedule
from tuner.training.owner import trains_itself
from tuner.training.settings import LEARNING_RATE, OPTIMIZER
from tuner.training.trying import Tried, try_out
from tuner.training.weighting import counts_of, weights_of

_MOST = 0.9
"""The share of the rows that a class may have before accuracy says little."""


@dataclass(frozen=True)
class Way:
    """The metric, which way is better, the training with nothing left open, what to say of it."""

    metric: str
    direction: Direction | None
    training: Training
    notes: tuple[str, ...]
    tried: Tried

    def refuses(self, variant: Variant) -> str | None:
        """Why steps that the owner wrote cannot train or judge a variant; None where they can."""
        if variant.loss is not None and not self.tried.takes_losses:
            return "it adds a loss, and the model's own train_step calls no self(x) or compute_loss"
        if variant.learned is not None and not self.tried.takes_penalties:
            return "it adds a loss, and the model's own train_step leaves self.losses out"
        if variant.wrap is not None and self.tried.tests_itself:
            return "it judges by many passes, and the model's own test_step makes one"
        return None


def way_of(
    definition: StudyDefinition,
    model: keras.Model,
    data: TrainValidation,
    axes: Mapping[str, Axis],
) -> Way:
    """Have the model say how it is trained, and lay the study over it; `axes` are searched.

    Raises UsageError where the two do not fit each other, or the data.
    """
    tried = try_out(model, data, definition.metric)
    known_direction(tried.metric, definition.direction or tried.direction)
    given = definition.training
    if given.class_weight is not None:
        weights_of(given.class_weight, data)
    filled = given if model.compiled else _usual(given)
    is_set = given.learning_rate is not None or bool({"learning_rate", "optimizer"} & set(axes))
    if given.reduce_lr is not None and model.compiled and not is_set and given.optimizer is None:
        refuse_schedule(model.optimizer)
    of_value = _of_value(definition, tried, data, is_compiled=model.compiled)
    notes = (*_of_owner(definition, model, axes), *of_value)
    return Way(tried.metric, definition.direction or tried.direction, filled, notes, tried)


def _usual(given: Training) -> Training:
    """The optimizer and its learning rate where nobody says another."""
    update = {
        "optimizer": given.optimizer or OPTIMIZER,
        "learning_rate": given.learning_rate or LEARNING_RATE,
    }
    return given.model_copy(update=update)


def _of_owner(
    definition: StudyDefinition, model: keras.Model, axes: Mapping[str, Axis]
) -> Iterator[str]:
    """Whose loss and optimizer it is."""
    if not model.compiled:
        return
    how = "its own train_step" if trains_itself(model) else "the loss of its compile"
    set_here = [
        name
        for name in ("optimizer", "learning_rate")
        if name in axes or getattr(definition.training, name) is not None
    ]
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    whose = f"its optimizer ({type(optimizer).__name__}{_rate_in_words(optimizer)})"
    if "optimizer" in set_here:
        whose = "the optimizer of the study instead of its own"
    elif set_here:
        whose += " at the learning rate of the study instead of its own"
    epochs, size = definition.training.epochs, definition.training.batch_size
    yield f"trained as its owner does, by {how} and {whose}; {epochs} epochs in batches of {size}"


def _rate_in_words(optimizer: keras.optimizers.Optimizer) -> str:
    if has_schedule(optimizer):
        return f", {type(learning_rate_of(optimizer)).__name__}"
    return f", {float(keras.ops.convert_to_numpy(optimizer.learning_rate)):.3g}"


def _of_value(
    definition: StudyDefinition, tried: Tried, data: TrainValidation, *, is_compiled: bool
) -> Iterator[str]:
    """What the value of a trial is, where it is not plain."""
    training = definition.training
    if training.keeps_others:
        by = "early stopping keeps" if training.callbacks is None else "the callbacks keep"
        yield f"the value of a trial is that of the weights that {by}"
    if training.is_watched:
        yield "a trial that is interrupted begins anew: callbacks are in no checkpoint"
    if definition.metric is None and tried.reports:
        yield f"judged by {tried.metric}, the first metric of its compile"
    elif definition.metric is None and is_compiled:
        yield f"judged by {tried.metric}: its compile has no metric (or --metric)"
    if tried.metric == "accuracy" and data.spec.task == "classification":
        counts = counts_of(data)
        share, name = counts.max() / counts.sum(), int(counts.argmax())
        if share > _MOST:
            named = data.classes[name] if data.classes else name
            yield (
                f"{share:.0%} of the rows are of class {named}, which accuracy does not tell from"
                ' knowing nothing: metric = "f1" or "auc" does'
            )
