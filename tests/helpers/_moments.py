"""What noise does to many values."""

import math

import keras
import numpy as np

N = 200_000


def apply(layer, x):
    return keras.ops.convert_to_numpy(layer(x, training=True))


def dropped(layer, n=N):
    return float(np.mean(apply(layer, np.ones((n // 100, 100), "float32")) == 0))


def is_rate(observed, rate, n=N):
    """Within five standard errors of a Bernoulli fraction."""
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)
