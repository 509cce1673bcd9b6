"""Whether a build function gives other weights under another seed."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tuner.errors import UsageError
from tuner.models import MODELS
from tuner.study.definition import StudyDefinition
from tuner.training.backend import copies, set_seed

_SEEDS = (1, 2)


def notes_on_seeds(
    definition: StudyDefinition, build: Callable[[], keras.Model], *, is_compared: bool
) -> tuple[str, ...]:
    """What to say where models of two seeds begin with the same weights.

    Raises UsageError where they are to be compared, and nobody said that this is meant.
    """
    if definition.training.weights == "keep":
        return ("weights are kept: by its seed a training has the order of its rows and its noise",)
    if definition.model in MODELS or not begins_the_same(build):
        return ()
    what = f"model {definition.model!r} has the same weights at first under every seed"
    if is_compared:
        raise UsageError(
            f'{what}: no fresh seeds to compare on; leave its own seed out, or say weights = "keep"'
        )
    return (f'{what}: it sets one itself, or loads all of them ([training] weights = "keep")',)


def begins_the_same(build: Callable[[], keras.Model]) -> bool:
    """Whether all weights that are not constant are equal under two seeds."""
    first, second = (_drawn(build, seed) for seed in _SEEDS)
    return bool(first) and all(map(np.array_equal, first, second))


def _drawn(build: Callable[[], keras.Model], seed: int) -> list[Any]:
    set_seed(seed)
    return [values for values in copies(build().weights) if values.size and np.ptp(values) > 0]
