"""Keras optimizers by name, Adam with the kernel that TensorFlow has for it."""

from collections.abc import Sequence
from types import MethodType
from typing import Any

import keras
import tensorflow as tf

from tuner.errors import UsageError

_ADAMS = (keras.optimizers.Adam, keras.optimizers.AdamW)


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A Keras optimizer by name; UsageError for an unknown one."""
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError:
        raise UsageError(
            f"training.optimizer: unknown optimizer {name!r} (e.g. adam, adamw, sgd, rmsprop)"
        ) from None
    if type(optimizer) in _ADAMS:
        optimizer._backend_update_step = MethodType(_fused_adam, optimizer)
    return optimizer


def _fused_adam(
    optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any
) -> None:
    """Keras's update of Adam (Kingma & Ba 2015), one kernel a variable instead of a dozen."""
    step = tf.cast(optimizer.iterations + 1, tf.float32)
    for gradient, variable in zip(gradients, variables, strict=True):
        index = optimizer._get_variable_index(variable)
        slots = optimizer._momentums[index], optimizer._velocities[index]
        weights, m, v = (each.value for each in (variable, *slots))
        powers = [tf.pow(beta, step) for beta in (optimizer.beta_1, optimizer.beta_2)]
        scalars = (*powers, learning_rate, optimizer.beta_1, optimizer.beta_2, optimizer.epsilon)
        b1_power, b2_power, rate, b1, b2, epsilon = (tf.cast(s, weights.dtype) for s in scalars)
        tf.raw_ops.ResourceApplyAdam(
            var=weights.handle,
            m=m.handle,
            v=v.handle,
            beta1_power=b1_power,
            beta2_power=b2_power,
            lr=rate,
            beta1=b1,
            beta2=b2,
            epsilon=epsilon,
            grad=tf.cast(tf.convert_to_tensor(gradient), weights.dtype),
        )
