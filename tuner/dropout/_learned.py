"""A rate that is learned: rho = logit(rate), a trainable weight."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout.tensors import Tensor


def initial_rate(rate: float) -> float:
    """`rate`, if it has a finite logit; ValueError otherwise."""
    if not 0 < rate < 1:
        raise ValueError(
            f"the first value of a learned rate is a probability of dropping: expected 0 < rate"
            f" < 1, got {rate}"
        )
    return float(rate)


class LearnsRate:
    """A layer with a trainable `rho`, which may move faster than its other weights."""

    rho: Tensor

    def add_rho(
        self, initial: float, shape: Sequence[int], mult: RateCell, limit: float | None
    ) -> None:
        """Add `rho`, float32: the optimizer's steps times `mult`, within [-limit, limit]."""
        layer: Any = self
        self.rho = layer.add_weight(
            name="rho",
            shape=tuple(shape),
            dtype="float32",
            initializer=keras.initializers.Constant(initial),
            constraint=_Faster(initial, shape, mult, limit),
            autocast=False,
        )

    def remember_rho(self) -> None:
        """Note where a step of the optimizer begins: in every pass of a training."""
        self.rho.constraint.before.assign(self.rho)


class _Faster:
    """What a rho becomes after a step of the optimizer: before + mult * step, within limits.

    A constraint, because whoever trains applies it. `before` is no weight of the layer: every pass
    sets it.
    """

    def __init__(
        self, initial: float, shape: Sequence[int], mult: RateCell, limit: float | None
    ) -> None:
        constant = keras.initializers.Constant(initial)
        self.before = keras.Variable(constant, tuple(shape), "float32", trainable=False)
        self._mult, self._limit = mult, limit

    def __call__(self, rho: Tensor) -> Tensor:
        before = ops.convert_to_tensor(self.before)
        moved = before + self._mult.tensor * (ops.convert_to_tensor(rho) - before)
        return moved if self._limit is None else ops.clip(moved, -self._limit, self._limit)


def logit(rate: float) -> float:
    """log(rate / (1 - rate)): log alpha of the Gaussian noise with the same variance."""
    return math.log(rate) - math.log1p(-rate)


def mean_rate(rho: Tensor) -> Tensor:
    """The mean of sigmoid(rho), a scalar tensor."""
    return ops.cast(ops.mean(ops.sigmoid(rho)), "float32")
