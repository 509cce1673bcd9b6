"""What draws and is no dropout is named, and found also where nothing names it."""

import keras
import numpy as np
import pytest
from _networks import PATHS, L, rows

from tuner.dropout.left_alone import always_on, is_noiseless, left_alone
from tuner.dropout.sites import find_sites


class Noisy(L.Layer):
    """It draws with a generator of its own, or with that of Keras."""

    def __init__(self, seed=None):
        super().__init__()
        self.generator = keras.random.SeedGenerator(seed) if seed else None
        self.dense = L.Dense(4)

    def call(self, x, training=False):
        noise = keras.random.normal(keras.ops.shape(x), seed=self.generator)
        return self.dense(x + noise if training else x)


def model(*layers):
    return keras.Sequential([keras.Input((4,)), *layers, L.Dropout(0.1), L.Dense(2)])


def test_noise_that_is_no_dropout_is_named():
    found = model(L.GaussianNoise(0.1, name="noise"), Noisy(1), L.GaussianNoise(0.0))
    assert left_alone(found, find_sites(found)) == [
        "noise (GaussianNoise)",
        f"{found.layers[1].name} (Noisy)",
    ]
    assert not is_noiseless(found, np.ones((2, 4), "float32"))


def test_noise_that_nothing_names_is_seen():
    found = model(Noisy())
    assert left_alone(found, find_sites(found)) == []
    assert not is_noiseless(found, np.ones((2, 4), "float32"))


class MCDropout(L.Dropout):
    """As books have it."""

    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


class MCSpatial(L.SpatialDropout2D):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


class Renamed(L.Dropout):
    """It drops when Keras's does."""


def test_dropout_that_is_on_in_predictions_is_named():
    found = model(MCDropout(0.1, name="mine"), L.Dropout(0.5), MCDropout(0.0), Renamed(0.5))
    assert always_on(find_sites(found)) == ["mine (MCDropout)"]
    maps = keras.Sequential([keras.Input((4, 4, 1)), MCSpatial(0.1, name="maps")])
    assert always_on(find_sites(maps)) == ["maps (MCSpatial)"]


def test_what_a_pass_learns_of_weights_or_rows_is_no_noise():
    found = model(L.SpectralNormalization(L.Dense(4)), L.BatchNormalization())
    found.layers[0].layer.kernel.assign(np.arange(16.0).reshape(4, 4))
    assert is_noiseless(found, np.random.default_rng(0).normal(size=(4, 4)).astype("float32"))


@pytest.mark.parametrize("make", PATHS, ids=lambda make: make.__name__)
def test_dropout_is_not(make):
    found = make()
    assert left_alone(found, find_sites(found, looks=False)) == []
    assert is_noiseless(found, rows(found, 2))


def test_layers_that_augment_are_a_part_of_the_data():
    found = keras.Sequential([keras.Input((4, 4, 1)), L.RandomFlip(), L.Dropout(0.1)])
    assert left_alone(found, find_sites(found)) == []
