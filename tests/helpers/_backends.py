"""One compiled call, one gradient: the same words for TensorFlow and JAX."""

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
XLA = pytest.param(True, id="xla", marks=[pytest.mark.slow] if BACKEND == "tensorflow" else [])
PROGRAMS = [pytest.param(False, id="graph"), XLA] if BACKEND == "tensorflow" else [XLA]
"""What `compiled` can make: its `xla`. All programs of JAX are XLA's."""


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def compiled(layer, x, xla=False):
    """layer(x, training=True) as a compiled call; `.traces` counts how often it was traced."""
    layer(x)
    call = _tensorflow(layer, xla) if BACKEND == "tensorflow" else _jax(layer)
    call.traces.clear()
    return call


def gradients(layer, x):
    """The gradients of sum(layer(x)^2) in training: of x, and of every trainable weight."""
    layer(x)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(tf.square(layer(x, training=True)))
            total += sum(layer.losses)
        weights = [weight.value for weight in layer.trainable_weights]
        return [None if g is None else numpy(g) for g in tape.gradient(total, [x, *weights])]
    import jax

    def total(x, weights):
        others = [v.value for v in layer.non_trainable_variables]
        outputs, _, losses = layer.stateless_call(
            weights, others, x, training=True, return_losses=True
        )
        return (outputs**2).sum() + sum(losses)

    weights = [v.value for v in layer.trainable_variables]
    by_x, by_weights = jax.grad(total, argnums=(0, 1))(x, weights)
    return [np.asarray(g) for g in (by_x, *by_weights)]


def _tensorflow(layer, xla):
    import tensorflow as tf

    traces = []

    @tf.function(jit_compile=xla)
    def body(x):
        traces.append(1)
        return layer(x, training=True)

    def call(x):
        return numpy(body(tf.convert_to_tensor(x)))

    call.traces = traces
    return call


def _jax(layer):
    import jax

    traces = []

    @jax.jit
    def body(weights, others, x):
        traces.append(1)
        return layer.stateless_call(weights, others, x, training=True)

    def call(x):
        weights, others = layer.trainable_variables, layer.non_trainable_variables
        outputs, new = body([v.value for v in weights], [v.value for v in others], x)
        for variable, value in zip(others, new, strict=True):
            variable.assign(value)
        return np.asarray(outputs)

    call.traces = traces
    return call
