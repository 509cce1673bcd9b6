"""Stochastic passes at inference: noise on, everything else as in prediction."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

from tuner.dropout.tensors import Tensor


class _Pass:
    """A pass of some number, and how often its layers have drawn."""

    def __init__(self, number: Tensor) -> None:
        self.number = number
        self.n_drawn = 0


class _Fixed(keras.random.SeedGenerator):
    """One seed, a tensor of shape [2], however often it is asked for; no state of its own."""

    def __init__(self, seed: Any) -> None:
        self._seed = seed

    def next(self, ordered: bool = True) -> Any:  # noqa: ARG002 (the signature of the base)
        return self._seed


_PASS: ContextVar[_Pass | None] = ContextVar("pass", default=None)


@contextlib.contextmanager
def sampling(number: Tensor) -> Iterator[None]:
    """Let the layers of variants be noisy in a pass with training=False.

    Passes of one `number` (an integer or an integer scalar tensor) repeat each other: a pass is one
    network, its noise the same for all rows, so that a prediction does not depend on the batch.
    Read while a function is traced: enter it inside the function. Normalization layers stay in
    inference mode, so their statistics do not move.
    """
    token = _PASS.set(_Pass(number))
    try:
        yield
    finally:
        _PASS.reset(token)


def is_sampling() -> bool:
    """Whether this pass is inside `sampling`."""
    return _PASS.get() is not None


def is_noisy(training: Any) -> bool:
    """Whether a layer has to be noisy: in training, or inside `sampling`."""
    return bool(training) or is_sampling()


def source(generator: keras.random.SeedGenerator) -> keras.random.SeedGenerator:
    """Where a layer draws from: its own generator, or the number of the pass inside `sampling`."""
    here = _PASS.get()
    if here is None:
        return generator
    here.n_drawn += 1
    dtype = generator.state.dtype
    return _Fixed(ops.stack([ops.cast(n, dtype) for n in (here.n_drawn, here.number)]))
