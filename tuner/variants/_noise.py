"""Multiplicative noise on activations, shared by the layers of several variants."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


def keep_mask(
    inputs: Any, rate: Any, shape: Sequence[int | None] | None, seed: keras.random.SeedGenerator
) -> Any:
    """A boolean mask, False with probability `rate`, broadcastable to `inputs`.

    Entries of `shape` that are None take the size of `inputs` there. Drawn in float32 whatever
    the dtype of `inputs`: bfloat16 uniforms would multiply small rates by up to 2.6.
    """
    actual = ops.shape(inputs)
    wanted = (
        actual
        if shape is None
        else [a if n is None else n for n, a in zip(shape, actual, strict=True)]
    )
    return keras.random.uniform(wanted, dtype="float32", seed=seed) >= rate


def drop(
    inputs: Any, rate: Any, shape: Sequence[int | None] | None, seed: keras.random.SeedGenerator
) -> Any:
    """Inverted dropout: x * keep / (1 - rate), in expectation x (Srivastava et al. 2014)."""
    scale = ops.cast(ops.divide_no_nan(1.0, 1.0 - rate), inputs.dtype)
    keep = keep_mask(inputs, rate, shape, seed)
    return ops.where(keep, inputs * scale, ops.zeros_like(inputs))


def checked_rate(rate: float) -> float:
    """`rate`, if it is a probability of dropping below 1; ValueError otherwise."""
    if not 0 <= rate < 1:
        raise ValueError(f"rate is the probability of dropping: expected 0 <= rate < 1, got {rate}")
    return float(rate)
