"""What a layer of other people drops is seen by running it."""

import keras
import numpy as np
import pytest

from tuner.dropout.own_noise import OwnNoise, noise_of

L = keras.layers


class Dropped(L.Layer):
    """Drops by one of its floats, for `axes` one mask, as `drop` has it."""

    def __init__(self, drop, axes=None, **floats):
        super().__init__()
        self.drop, self.axes = drop, axes
        for name, value in floats.items():
            setattr(self, name, value)
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(self, x, training=False):
        if not training:
            return x
        shape = keras.ops.shape(x)
        shape = shape[:1] + (1,) * (len(x.shape) - 1) if self.axes == "path" else shape
        return self.drop(self, x, keras.random.uniform(shape, seed=self.seed_generator))


def dropped(layer, x, u):
    return x * keras.ops.cast(u >= layer.rate, "float32") / (1 - layer.rate)


def survived(layer, x, u):
    return x * keras.ops.cast(u < layer.survival, "float32") / layer.survival


def unscaled(layer, x, u):
    return x * keras.ops.cast(u >= layer.rate, "float32")


def added(layer, x, u):
    return x + layer.rate * u


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        (Dropped(dropped, "path", rate=0.0, scale=0.5), OwnNoise("rate", False, True)),
        (Dropped(dropped, rate=0.3), OwnNoise("rate", False, False)),
        (Dropped(survived, "path", survival=0.9), OwnNoise("survival", True, True)),
        (Dropped(unscaled, rate=0.3), None),
        (Dropped(added, rate=0.3), None),
        (L.GaussianNoise(0.3), None),
    ],
)
def test_a_layer_that_scales_up_what_it_keeps_is_dropout(layer, found):
    floats = {n: v for n, v in vars(layer).items() if isinstance(v, float)}
    assert noise_of(layer) == found
    assert {n: v for n, v in vars(layer).items() if isinstance(v, float)} == floats


def test_the_rate_is_one_minus_the_probability_of_keeping():
    layer = Dropped(survived, survival=0.9)
    assert noise_of(layer).rate_of(layer) == pytest.approx(0.1)


def test_looking_draws_nothing_from_the_generators_of_a_training():
    class Global(L.Layer):
        def __init__(self):
            super().__init__()
            self.rate = 0.1

        def call(self, x, training=False):
            np.random.random()  # noqa: NPY002
            return keras.random.dropout(x, self.rate) if training else x

    keras.utils.set_random_seed(1)
    wanted = np.asarray(keras.random.uniform((3,))), np.random.random()  # noqa: NPY002
    keras.utils.set_random_seed(1)
    assert noise_of(Global()) == OwnNoise("rate", False, False)
    found = np.asarray(keras.random.uniform((3,))), np.random.random()  # noqa: NPY002
    assert np.array_equal(wanted[0], found[0])
    assert wanted[1] == found[1]
