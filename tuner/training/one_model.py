"""One model, trained once with one variant of dropout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from tuner import importer
from tuner.data.arrays import Pair, of_arrays
from tuner.dropout.rebuild import copy_of_model
from tuner.errors import UsageError, unknown
from tuner.models.calling import refuse_stateful
from tuner.schema import VARIANTS
from tuner.training.owner import take_compile
from tuner.training.recipe import Recipe
from tuner.training.settings import TrainingSettings
from tuner.training.trainer import OnEpoch, Trainer
from tuner.training.trying import try_out


@dataclass(frozen=True)
class Trained:
    """A trained model, and what it reached.

    `history` has a row an epoch: train_loss and val_loss, the metric as train_ and val_, and the
    rates that were learned as rate_0, ... by site. `value` is the metric on the validation rows
    after the last epoch, `train_value` on the training rows, both without noise.
    """

    model: keras.Model
    history: list[dict[str, float]]
    metric: str
    value: float
    train_value: float
    measured: Mapping[str, float]


def train(
    model: keras.Model | Callable[[], keras.Model],
    data: Pair,
    validation_data: Pair,
    *,
    variant: str = "none",
    rate: float = 0.0,
    settings: TrainingSettings | Mapping[str, Any] = TrainingSettings(),  # noqa: B008 (frozen)
    seed: int = 0,
    on_epoch: OnEpoch = lambda epoch, metrics: None,
    **hyperparameters: Any,
) -> Trained:
    """Train a copy of a model with a variant of dropout at its Dropout layers, without a study.

    `data` and `validation_data` are (x, y), taken as they are: whole numbers y are classes, floats
    targets. `model` is a Keras model, whose weights the copy begins with, or a function that makes
    one: its weights then follow from `seed`, as all noise and the order of the rows do. The metric
    is accuracy, or the root of the mean squared error; a compiled model is trained by its compile,
    and judged by the first metric of it. `on_epoch(epoch, metrics)` may raise to stop. Raises
    UsageError where something does not fit.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(200, 4)).astype("float32")
        >>> y = (x.sum(axis=1) > 0).astype(int)
        >>> def build():
        ...     hidden = [keras.layers.Dense(32, "relu"), keras.layers.Dropout(0.5)]
        ...     head = keras.layers.Dense(2, "softmax")
        ...     return keras.Sequential([keras.Input((4,)), *hidden, head])
        >>> found = train(build, (x[:150], y[:150]), (x[150:], y[150:]), variant="concrete",
        ...     rate=0.1, settings={"epochs": 20, "batch_size": 32, "learning_rate": 0.01})
        >>> found.value > 0.8, sorted(found.history[-1])[0]
        (True, 'rate_0')
    """
    if variant not in VARIANTS:
        raise UsageError(unknown("variant", variant, VARIANTS))
    chosen = importer.load(VARIANTS[variant]).given(hyperparameters)
    values = chosen.complete({"rate": rate, **hyperparameters})
    given = TrainingSettings.model_validate(settings)
    rows = of_arrays(data, validation_data)
    build = partial(_copy_of, model) if isinstance(model, keras.Model) else model
    first = build()
    refuse_stateful(first, first.name)
    metric = try_out(first, rows, None).metric
    trainer = Trainer(rows, metric)
    result = trainer.run(Recipe(build, chosen, values, given), seed, on_epoch)
    return Trained(
        trainer.model, result.history, metric, result.value, result.train_value, result.measured
    )


def _copy_of(model: keras.Model) -> keras.Model:
    """The same model again, compiled as it is."""
    copy = copy_of_model(model)
    take_compile(copy, model)
    return copy
