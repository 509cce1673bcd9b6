"""The calm that the command line has, around a call in somebody's own process."""

import contextlib
import sys
import warnings
from collections.abc import Iterator

import optuna

from tuner.errors import UsageError
from tuner.workers import runtime


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Without the libraries' chatter; what the caller has chosen for them holds again afterwards.

    Raises UsageError where Keras runs on another backend than TensorFlow.
    """
    keras = sys.modules.get("keras")
    if keras is not None and keras.backend.backend() != "tensorflow":
        raise UsageError(
            f"keras runs on {keras.backend.backend()} here, and tuner trains with TensorFlow: set"
            " KERAS_BACKEND=tensorflow before keras is imported"
        )
    before = optuna.logging.get_verbosity()
    with warnings.catch_warnings():
        runtime.quiet()
        try:
            yield
        finally:
            optuna.logging.set_verbosity(before)
