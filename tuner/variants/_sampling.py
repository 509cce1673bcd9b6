"""Stochastic passes at inference: noise on, everything else as in prediction."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_SAMPLING: ContextVar[bool] = ContextVar("sampling", default=False)


@contextlib.contextmanager
def sampling() -> Iterator[None]:
    """Let the layers of variants be noisy in a pass with training=False.

    Read while a function is traced: enter it inside the function. Normalization layers stay in
    inference mode, so their statistics do not move.
    """
    token = _SAMPLING.set(True)
    try:
        yield
    finally:
        _SAMPLING.reset(token)


def is_noisy(training: Any) -> bool:
    """Whether a layer has to be noisy: in training, or inside `sampling`."""
    return bool(training) or _SAMPLING.get()
