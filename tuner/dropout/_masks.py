"""Masks of an example's units: the worst one within a budget of flips, and the scale of one."""

import math

from keras import ops

from tuner.dropout._ranking import lowest
from tuner.dropout.tensors import Tensor

_SMALL = 1e-7


def worst_mask(mask: Tensor, slopes: Tensor, rate: Tensor) -> Tensor:
    """`mask` with the flips within the budget that raise the loss the most, to first order.

    `slopes` is the loss by the mask, for each example. Flipping 1 to 0 pays where it is below
    0, 0 to 1 where it is above; no more flips than pay.
    """
    rows = (-1, n_units(mask))
    flat, slopes = ops.reshape(mask, rows), ops.reshape(slopes, rows)
    gains = ops.maximum(slopes * (1.0 - 2.0 * flat), 0.0)
    losses = ops.transpose(ops.max(gains, axis=-1, keepdims=True) - gains)
    most = ops.transpose(lowest(losses, budget(rate, rows[1])))
    flips = ops.logical_and(most, gains > 0)
    flipped = ops.where(flips, 1.0 - flat, flat)
    return ops.stop_gradient(ops.reshape(flipped, ops.shape(mask)))


def budget(rate: Tensor, n: int) -> Tensor:
    """How many of n units may be flipped: floor(rate * n), at least 1 where rate > 0."""
    allowed = ops.floor(rate * n + _SMALL * n)
    return ops.where(rate > 0, ops.maximum(1.0, allowed), 0.0)


def n_units(mask: Tensor) -> int:
    """H, the entries of the mask of an example."""
    return math.prod(mask.shape[1:])


def renormalised(mask: Tensor) -> Tensor:
    """The mask times H / sum(mask) for each example: the scale of the released code."""
    axes = tuple(range(1, len(mask.shape)))
    n_kept = ops.sum(mask, axis=axes, keepdims=True)
    return mask * ops.divide_no_nan(float(n_units(mask)), n_kept)
