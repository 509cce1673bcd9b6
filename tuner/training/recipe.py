"""What is trained and how, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from tuner.dropout.variant import Variant
from tuner.training.settings import TrainingSettings


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how.

    `build()` gives a fresh model, `values` are what `variant` is told: `rate` (or `rates`, one for
    each place), its hyperparameters, `n_train` and `task`.
    """

    build: Callable[[], keras.Model]
    variant: Variant
    values: Mapping[str, Any]
    settings: TrainingSettings


@dataclass(frozen=True)
class TrainingResult:
    """One training: per-epoch metrics, and the metric on the train part without noise at the end.

    `value` is the metric on the validation part, of the weights that are kept: after the last
    epoch, unless a callback chose others or the optimizer averages them. `measured` is what the
    variant measures there.
    """

    history: list[dict[str, float]]
    value: float
    train_value: float
    n_weights: int
    measured: dict[str, float]
