"""Layers with noise on their weights."""

import math

import keras
import numpy as np

L = keras.layers


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def is_rate(observed, rate, n):
    """Within five standard errors of a Bernoulli fraction."""
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


def dense(units=6, **settings):
    return L.Dense(units, activation="relu", bias_initializer="ones", **settings)


def ones(units, **settings):
    return L.Dense(units, use_bias=False, kernel_initializer="ones", **settings)


def lowest(sizes, fraction):
    """The floor(fraction * n) smallest of every column, by sorting."""
    ranks = np.argsort(np.argsort(sizes, axis=0), axis=0)
    return ranks < math.floor(fraction * len(sizes) + 1e-6)
