"""Layers whose rate is learned."""

import keras
import numpy as np
import tensorflow as tf

from tuner.dropout.concrete import ConcreteDropout
from tuner.dropout.variational import VariationalDropout

L = keras.layers


def concrete(rate=0.3, n_train=100, **settings):
    return ConcreteDropout(rate, n_train, **settings)


def variational(rate=0.3, n_train=100, units=3, **settings):
    return VariationalDropout(L.Dense(units), rate, n_train, **settings)


def sparse(**settings):
    return variational(granularity="weight", **settings)


LAYERS = {
    "concrete": concrete,
    "type B": variational,
    "type A": lambda **settings: variational(noise="A", **settings),
    "one a layer": lambda **settings: variational(granularity="layer", **settings),
    "one a weight": sparse,
}


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def rows(n=6, width=4):
    return np.random.default_rng(0).normal(size=(n, width)).astype("float32")


def built(layer, *shape):
    layer.build((None, *(shape or (4,))))
    return layer


def noisy(layer, x):
    return numpy(layer(x, training=True))


def gradient(layer, value):
    """d value() / d rho."""
    with tf.GradientTape() as tape:
        result = value()
    return numpy(tape.gradient(result, layer.rho.value))


def descend(layer, value, steps):
    """The values of rho while `value` alone is minimized."""
    optimizer, path = keras.optimizers.Adam(0.1), []
    for _ in range(steps):
        optimizer.apply([tf.constant(gradient(layer, value))], [layer.rho])
        path.append(float(np.mean(numpy(layer.rho))))
    return path


def whole(layer):
    return keras.Sequential([keras.Input((4,)), layer, L.Dense(2)])
