"""Keras optimizers by name, Adam with the kernel that TensorFlow has for it."""

import keras

from tuner.errors import UsageError
from tuner.training.backend import fuse


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A Keras optimizer by name; UsageError for an unknown one."""
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError:
        raise UsageError(
            f"training.optimizer: unknown optimizer {name!r} (e.g. adam, adamw, sgd, rmsprop)"
        ) from None
    fuse(optimizer)
    return optimizer
