"""A rate that is learned: rho = logit(rate), a trainable weight."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell


def initial_rate(rate: float) -> float:
    """`rate`, if it has a finite logit; ValueError otherwise."""
    if not 0 < rate < 1:
        raise ValueError(
            f"the first value of a learned rate is a probability of dropping: expected 0 < rate"
            f" < 1, got {rate}"
        )
    return float(rate)


def add_rho(
    layer: keras.layers.Layer, initial: float, shape: Sequence[int], limit: float | None
) -> keras.Variable:
    """A trainable float32 weight; with a limit, kept within [-limit, limit] by the optimizer."""
    return layer.add_weight(
        name="rho",
        shape=tuple(shape),
        dtype="float32",
        initializer=keras.initializers.Constant(initial),
        constraint=None if limit is None else lambda rho: ops.clip(rho, -limit, limit),
        autocast=False,
    )


class LearnsRate:
    """A layer with a `rho` that may move faster than its other weights."""

    rho: Any
    rate_lr_mult: RateCell

    def move_rho(self, before: Any) -> None:
        """Multiply the optimizer's step from `before`: rho = before + rate_lr_mult * step."""
        moved = before + self.rate_lr_mult.tensor * (ops.convert_to_tensor(self.rho) - before)
        limit = self.rho.constraint
        self.rho.assign(moved if limit is None else limit(moved))


def logit(rate: float) -> float:
    """log(rate / (1 - rate)): log alpha of the Gaussian noise with the same variance."""
    return math.log(rate) - math.log1p(-rate)


def mean_rate(rho: Any) -> Any:
    """The mean of sigmoid(rho), a scalar tensor."""
    return ops.cast(ops.mean(ops.sigmoid(rho)), "float32")
