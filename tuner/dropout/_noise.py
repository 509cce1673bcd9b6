"""Multiplicative noise on activations, shared by the layers of several variants."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout.stochastic import is_sampling, source
from tuner.dropout.tensors import Tensor


def noise_shape_of(inputs: Tensor, shape: Sequence[int | None] | None = None) -> Sequence[Any]:
    """The shape in which noise on `inputs` [batch, ...] is drawn.

    Entries of `shape` that are None take the size of `inputs` there; (None,) is one draw for all of
    an example. In a sampling pass the first is 1: one draw for all rows.
    """
    wanted = (None,) * len(inputs.shape) if shape is None else tuple(shape)
    if len(wanted) == 1:
        wanted += (1,) * (len(inputs.shape) - 1)
    found = [a if n is None else n for n, a in zip(wanted, ops.shape(inputs), strict=True)]
    return [1, *found[1:]] if is_sampling() else found


def keep_mask(shape: Sequence[Any], rate: Tensor, generator: keras.random.SeedGenerator) -> Tensor:
    """A boolean mask of a shape, False with probability `rate`.

    Drawn in float32 whatever is masked: bfloat16 uniforms would multiply small rates by up to 2.6.
    """
    return keras.random.uniform(shape, dtype="float32", seed=source(generator)) >= rate


def normal(shape: Sequence[Any], generator: keras.random.SeedGenerator) -> Tensor:
    """Standard normal noise of a shape, float32.

    Two numbers of every pair of uniforms (Box & Muller 1958), in vector operations: less than half
    the time of keras.random.normal, whose kernel does the same number by number.
    """
    *rows, n = shape
    uniforms = keras.random.uniform((2, *rows, -(-n // 2)), dtype="float32", seed=source(generator))
    radius = ops.sqrt(-2.0 * ops.log(1.0 - uniforms[0]))
    angle = (2.0 * math.pi) * uniforms[1]
    pairs = ops.concatenate([radius * ops.cos(angle), radius * ops.sin(angle)], axis=-1)
    return pairs[..., :n]


def drop(
    inputs: Tensor, rate: Tensor, shape: Sequence[Any], generator: keras.random.SeedGenerator
) -> Tensor:
    """Inverted dropout: x * keep / (1 - rate), in expectation x (Srivastava et al. 2014).

    `shape` is that of the mask, broadcastable to `inputs`.
    """
    keep = ops.cast(keep_mask(shape, rate, generator), "float32")
    return inputs * ops.cast(keep * ops.divide_no_nan(1.0, 1.0 - rate), inputs.dtype)


def checked_rate(rate: float) -> float:
    """`rate`, if it is a probability of dropping below 1; ValueError otherwise."""
    if not 0 <= rate < 1:
        raise ValueError(f"rate is the probability of dropping: expected 0 <= rate < 1, got {rate}")
    return float(rate)
