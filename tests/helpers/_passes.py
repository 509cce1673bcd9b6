"""Rows and networks of several passes."""

import keras
import numpy as np
import tensorflow as tf

from tuner.dropout.standard import Dropout

L = keras.layers


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def rows(n=16, features=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features)).astype("float32")


def linear(rate, units=4):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((8,)), Dropout(rate), L.Dense(units, use_bias=False)])


def classifier(rate, activation=None, units=3):
    keras.utils.set_random_seed(0)
    inner = [L.Dense(16, "relu"), Dropout(rate), L.Dense(units, activation)]
    return keras.Sequential([keras.Input((8,)), *inner])


def samples(layer, x):
    """What each pass over x gives, [passes, rows, k]."""
    sample = tf.function(lambda number: layer.sample(x, number))
    return np.stack([numpy(sample(tf.constant(number))) for number in range(layer.passes)])
