"""Every layer of the variants, as a function of a rate, a seed and a dtype."""

import keras

from tuner.dropout.adversarial import AdversarialDropout
from tuner.dropout.alpha import AlphaDropout
from tuner.dropout.concrete import ConcreteDropout
from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.mc import MCDropout
from tuner.dropout.scheduled import ScheduledDropout
from tuner.dropout.spatial import SpatialDropout
from tuner.dropout.standard import Dropout
from tuner.dropout.targeted import TargetedDropout
from tuner.dropout.variational import VariationalDropout

L = keras.layers
SHAPE = (4, 4, 3)


def spatial(rate, **settings):
    return Dropout(rate, noise_shape=(None, 1, 1, None), **settings)


def scheduled(layer):
    def make(rate, **settings):
        return ScheduledDropout(layer(rate, **settings), rate, shape="constant")

    return make


def connected(mask_scope):
    """DropConnect around a layer that computes the identity of three features."""

    def make(rate, dtype=None, **settings):
        unit = L.Dense(3, use_bias=False, kernel_initializer="identity", dtype=dtype)
        return DropConnect(unit, rate, mask_scope=mask_scope, **settings)

    return make


def around(wrapper, **hps):
    """A wrapper around a layer with weights of many sizes, and so many that some are dropped."""

    def make(rate, dtype=None, **settings):
        drawn = keras.initializers.RandomNormal(stddev=1.0, seed=1)
        unit = L.Dense(16, kernel_initializer=drawn, dtype=dtype)
        return wrapper(unit, rate, **hps, **settings)

    return make


def targeted(level):
    def wrapper(unit, rate, **settings):
        return TargetedDropout(unit, 0.7, rate, level=level, **settings)

    return around(wrapper)


def concrete(rate, **settings):
    return ConcreteDropout(rate, n_train=100, **settings)


def adversarial(rate, **settings):
    return AdversarialDropout(0.1, base_rate=rate, **settings)


def monte_carlo(rate, **settings):
    """Of two passes, whose mean is that of one where they agree, bit by bit."""
    inner = keras.Sequential(
        [keras.Input(SHAPE), Dropout(rate, **settings), L.Flatten(dtype=settings.get("dtype"))]
    )
    return MCDropout(inner, 2, "values", dtype=settings.get("dtype"))


ACTIVATION_LAYERS = {
    "standard": Dropout,
    "spatial": spatial,
    "gaussian": GaussianDropout,
    "alpha": AlphaDropout,
    "spatial of any rank": SpatialDropout,
    "scheduled": scheduled(Dropout),
    "scheduled gaussian": scheduled(GaussianDropout),
}
RATED = ACTIVATION_LAYERS | {
    "dropconnect": connected("gaussian"),
    "dropconnect by example": connected("example"),
    "dropconnect by batch": connected("batch"),
    "scheduled dropconnect": scheduled(connected("gaussian")),
    "targeted": targeted("weight"),
    "targeted by unit": targeted("unit"),
    "adversarial": adversarial,
    "mc": monte_carlo,
}
"""Layers with a rate to assign, which may be 0."""

LEARNED = {"concrete": concrete} | {
    f"variational {noise} {granularity}": around(
        VariationalDropout, n_train=100, noise=noise, granularity=granularity
    )
    for noise, granularity in [
        ("B", "neuron"),
        ("B", "layer"),
        ("B", "weight"),
        ("A", "neuron"),
        ("A", "layer"),
    ]
}
"""Layers whose rate is a weight, and never 0."""

LAYERS = RATED | LEARNED
ONE_MASK_A_STEP = ("dropconnect by batch", "targeted", "targeted by unit")
NOT_PLAIN_AT_INFERENCE = ("mc", "variational B weight")
"""The first averages noisy passes, the second prunes weights."""


def set_rate(layer, value):
    """Assign what says how noisy a layer is: its cell, or its weight rho."""
    noisy = layer.layer.layers[0] if isinstance(layer, MCDropout) else layer
    cell = {TargetedDropout: "drop_prob", AdversarialDropout: "base_rate"}
    learns = hasattr(noisy, "rho")
    found = noisy.rho if learns else getattr(noisy, cell.get(type(noisy), "rate")).scalar
    found.assign(keras.ops.full(found.shape, value, found.dtype))


def plain(layer, x):
    """What a layer would compute if it were not one of a variant."""
    if not hasattr(layer, "layer"):
        return x
    return plain(layer.layer, x) if isinstance(layer, ScheduledDropout) else layer.layer(x)
