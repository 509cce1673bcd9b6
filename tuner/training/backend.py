"""What Keras and TensorFlow do not offer: random state, graph rewriting, a fused Adam."""

import random
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common.global_state import set_global_attribute
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

from tuner.dropout.keras_internals import all_layers

_PLAIN = (keras.layers.Dense, keras.layers.BatchNormalization, keras.layers.LayerNormalization)
_ADAMS = (keras.optimizers.Adam, keras.optimizers.AdamW)


def random_state() -> Any:
    """The variable from which keras.random draws where it is given no seed, int [2]."""
    return global_seed_generator().state


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and the generator that keras.random uses where it is given none.

    Not keras.utils.set_random_seed: it also sets TensorFlow's global seed, which throws away every
    prepared program, and replaces the generator that compiled programs read.
    """
    state = random_state()
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (what a user's model may draw from)
    state.assign(keras.ops.convert_to_tensor([seed % 2**31, 0], state.dtype))


def build_with(build: Callable[[], keras.Model], seed: int, *, keeps: bool) -> keras.Model:
    """A model whose weights follow from a seed, and what is drawn after it too.

    That is so where the function sets seeds of its own too, which makes Keras another generator
    than compiled programs read; and where the model `keeps` the weights that it comes with.
    """
    set_seed(seed)
    generator = global_seed_generator()
    model = build()
    if keeps or global_seed_generator() is not generator:
        set_global_attribute(GLOBAL_SEED_GENERATOR, generator)
        set_seed(seed)
    return model


def copies(variables: Sequence[Any]) -> list[Any]:
    """The values of variables, on the host."""
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def put(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Give variables the values of others, or of copies."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def choose_rewriting(model: keras.Model) -> None:
    """Rewrite where it pays: not where dense layers do all the work.

    It takes a third of what the first model of a structure costs more than the next one, makes the
    epochs of convolutions up to 8 % faster, and those of dense layers not at all.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": is_dense(model)})


def is_dense(model: keras.Model) -> bool:
    """Whether only dense and normalization layers, wrapped or not, have weights to train."""
    owners = (layer for layer in all_layers(model) if layer._trainable_variables)
    return all(isinstance(layer, _PLAIN) or hasattr(layer, "cells") for layer in owners)


def fuse(optimizer: keras.optimizers.Optimizer) -> None:
    """Give an Adam or AdamW the kernel that TensorFlow has for it; others stay as they are."""
    if type(optimizer) in _ADAMS and not optimizer.amsgrad:
        optimizer._backend_update_step = MethodType(_fused_adam, optimizer)


def _fused_adam(
    optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any], learning_rate: Any
) -> None:
    """Keras's update of Adam (Kingma & Ba 2015), one kernel a variable instead of a dozen.

    Of embeddings it is Keras's own, which squares what each time that an id occurs adds.
    """
    step = tf.cast(optimizer.iterations + 1, tf.float32)
    for gradient, variable in zip(gradients, variables, strict=True):
        if isinstance(gradient, tf.IndexedSlices):
            optimizer.update_step(gradient, variable, learning_rate)
            continue
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
