"""A rate that is learned: rho = logit(rate), a trainable weight."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout.tensors import Tensor
from tuner.dropout.variant import Values

_MAY_BE_FASTER = keras.backend.backend() == "tensorflow"


def initial_rate(rate: float) -> float:
    """`rate`, if it has a finite logit; ValueError otherwise."""
    if not 0 < rate < 1:
        raise ValueError(
            f"the first value of a learned rate is a probability of dropping: expected 0 < rate"
            f" < 1, got {rate}"
        )
    return float(rate)


def loss_factor(values: Values) -> float:
    """How many times the negative log likelihood of an example the data loss is; so is a penalty.

    Once where it is the cross-entropy, 2 / (k tau) times where it is the mean over k targets of the
    squared errors: their likelihood is normal, of precision `tau` (1 where nothing states it). Of k
    labels the data loss is a mean, their likelihood a product.
    """
    if values["task"] == "classification":
        return 1.0
    if values["task"] == "multilabel":
        return 1.0 / float(values["n_outputs"])
    return 2.0 / float(values["n_outputs"] * values.get("tau", 1.0))


class LearnsRate:
    """A layer with a trainable `rho`, which may move faster than its other weights.

    With the backend TensorFlow: others do not let the optimizer see more than what it moves.
    """

    rho: Tensor

    def add_rho(
        self, initial: float, shape: Sequence[int], mult: RateCell, limit: float | None
    ) -> None:
        """Add `rho`, float32: the optimizer's steps times `mult`, within [-limit, limit]."""
        layer: Any = self
        if not _MAY_BE_FASTER and mult.initial != 1:
            raise ValueError(
                f"rate_lr_mult needs Keras on TensorFlow, got {mult.initial} elsewhere"
            )
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
        if _MAY_BE_FASTER:
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
        moved = ops.convert_to_tensor(rho)
        if _MAY_BE_FASTER:
            before = ops.convert_to_tensor(self.before)
            moved = before + self._mult.tensor * (moved - before)
        return moved if self._limit is None else ops.clip(moved, -self._limit, self._limit)


def logit(rate: float) -> float:
    """log(rate / (1 - rate)): log alpha of the Gaussian noise with the same variance."""
    return math.log(rate) - math.log1p(-rate)


def mean_rate(rho: Tensor) -> Tensor:
    """The mean of sigmoid(rho), a scalar tensor."""
    return ops.cast(ops.mean(ops.sigmoid(rho)), "float32")
