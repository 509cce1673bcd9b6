"""A zoo of small Keras models x every variant: the rebuilt model is the original without noise."""

import functools

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.dropout.rebuild import copy_of_model, find_sites, rebuild, with_keras_layers
from tuner.errors import UsageError
from tuner.schema import VARIANTS, Range

pytestmark = pytest.mark.slow

L = keras.layers


def sequential(shape, *layers):
    return keras.Sequential([keras.Input(shape), *layers])


def activation_apart():
    return sequential((5,), L.Dense(4), L.Activation("relu"), L.Dropout(0.3), L.Dense(2))


def input_dropout():
    return sequential((5,), L.Dropout(0.1), L.Dense(4, "relu"), L.Dropout(0.3), L.Dense(2))


def batch_normalized():
    block = [L.Dense(4), L.BatchNormalization(), L.ReLU(), L.Dropout(0.3)]
    return sequential((5,), *block, L.Dense(2))


def one_dimensional():
    layers = [L.Conv1D(4, 3, activation="relu"), L.SpatialDropout1D(0.2), L.Flatten()]
    return sequential((8, 3), *layers, L.Dense(2))


def two_dimensional():
    layers = [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Dropout(0.2), L.Flatten()]
    return sequential((8, 8, 1), *layers, L.Dense(4, "relu"), L.Dropout(0.2), L.Dense(2))


def three_dimensional():
    layers = [L.Conv3D(2, 2, activation="relu"), L.SpatialDropout3D(0.2), L.GlobalMaxPooling3D()]
    return sequential((4, 4, 4, 1), *layers, L.Dense(2))


def residual():
    inputs = keras.Input((6, 6, 2))
    x = L.Dropout(0.2)(L.Conv2D(2, 3, padding="same", activation="relu")(inputs))
    x = L.Conv2D(2, 3, padding="same", activation="relu")(L.Add()([inputs, x]))
    return keras.Model(inputs, L.Dense(2)(L.Dropout(0.3)(L.GlobalAveragePooling2D()(x))))


def branched():
    inputs = keras.Input((5,))
    left = L.Dropout(0.2)(L.Dense(3, "tanh")(inputs))
    right = L.Dropout(0.4)(L.Dense(3, "relu")(inputs))
    return keras.Model(inputs, L.Dense(2)(L.Concatenate()([left, right])))


def nested_twice():
    inner = sequential((4,), L.Dense(4, "relu"), L.Dropout(0.3))
    middle_in = keras.Input((4,))
    middle = keras.Model(middle_in, L.Dropout(0.2)(L.Dense(4, "relu")(inner(middle_in))))
    return sequential((4,), middle, L.Dense(2))


def gated_recurrent():
    layers = [L.GRU(4, return_sequences=True), L.Dropout(0.3), L.GRU(4), L.Dropout(0.3)]
    return sequential((6, 3), *layers, L.Dense(2))


def attention():
    inputs = keras.Input((6, 4))
    attended = L.MultiHeadAttention(2, 4)(inputs, inputs)
    x = L.LayerNormalization()(L.Add()([inputs, L.Dropout(0.1)(attended)]))
    x = L.Add()([x, L.Dropout(0.1)(L.Dense(4)(L.Dense(8, "gelu")(x)))])
    return keras.Model(inputs, L.Dense(2)(L.GlobalAveragePooling1D()(x)))


def shared_layer():
    inputs = keras.Input((2, 5))
    dense, site = L.Dense(4, "relu"), L.Dropout(0.3)
    parts = [site(dense(inputs[:, i])) for i in range(2)]
    return keras.Model(inputs, L.Dense(2)(L.Add()(parts)))


ZOO = [
    activation_apart,
    input_dropout,
    batch_normalized,
    one_dimensional,
    two_dimensional,
    three_dimensional,
    residual,
    branched,
    nested_twice,
    gated_recurrent,
    attention,
    shared_layer,
]
OTHER_ACTIVATIONS = ("alpha",)
"""Alpha dropout turns the blocks to SELU with fresh weights: another function by design."""

NOISY_AT_INFERENCE = ("mc",)
"""Its prediction is a mean of noisy passes: the original only where the rate is 0."""

ACTIVATION_NOISE = ("none", "standard", "gaussian", "scheduled")


def pair(i, j):
    """A model and a variant; the gate tries each model with four of them, and each variant too."""
    marks = [] if (i + j) % 3 == 0 else [pytest.mark.zoo]
    name = list(VARIANTS)[j]
    return pytest.param(ZOO[i], name, id=f"{ZOO[i].__name__}-{name}", marks=marks)


PAIRS = [pair(i, j) for i in range(len(ZOO)) for j in range(len(VARIANTS))]
every_pair = pytest.mark.parametrize(("make", "name"), PAIRS)


def first(axis):
    return axis.low if isinstance(axis, Range) else axis[0] if isinstance(axis, tuple) else axis


@functools.cache
def rebuilt(make, name):
    """A model, and it with a variant at its first choices, or None with a reason of one line."""
    model = make()
    variant = importer.load(VARIANTS[name])
    rate = 0.0 if name in NOISY_AT_INFERENCE else 0.3
    hps = {k: first(v.axis) for k, v in variant.hyperparameters.items()}
    values = {"rate": rate, "n_train": 100, "task": "regression", **hps}
    try:
        return model, rebuild(copy_of_model(model), variant, values)
    except UsageError as error:
        reason = str(error)
    assert "\n" not in reason
    assert any(site.name in reason for site in find_sites(model))
    return model, None


def some_rows(model):
    return np.random.default_rng(0).normal(size=(5, *model.input_shape[1:])).astype("float32")


@every_pair
def test_without_noise_it_is_the_original(make, name):
    model, copy = rebuilt(make, name)
    if copy is None:
        pytest.skip("does not fit, and says so")
    x = some_rows(model)
    if name in OTHER_ACTIVATIONS:
        assert np.all(np.isfinite(copy.model(x)))
    else:
        np.testing.assert_allclose(copy.model(x), model(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", ZOO, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ACTIVATION_NOISE)
def test_noise_on_activations_fits_every_model(make, name):
    assert rebuilt(make, name)[1] is not None


@every_pair
def test_the_exported_model_agrees_and_is_keras_own(make, name):
    _, copy = rebuilt(make, name)
    if copy is None:
        pytest.skip("does not fit, and says so")
    x = some_rows(copy.model)
    before = copy.model(x)
    with with_keras_layers(copy.model) as plain:
        np.testing.assert_allclose(plain(x), before, rtol=1e-4, atol=1e-5)
