"""What is measured on a trained network: each number on activations whose answer is known."""

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.data.dataset import Scaling, Split, TrainValidation
from tuner.data.spec import Spec
from tuner.dropout.rebuild import rebuild
from tuner.schema import VARIANTS
from tuner.training.diagnostics import (
    activations,
    dead_units,
    diagnose,
    effective_rank,
    selectivity,
    sparsity,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_dead_units_are_those_that_hardly_any_row_moves():
    values = np.maximum(rng().normal(size=(1000, 10)), 0)
    assert dead_units(values) == 0
    values[:, :3] = 0
    values[:, 3] = np.arange(1000) < 5
    assert dead_units(values) == pytest.approx(0.4)
    assert dead_units(values + 7) == pytest.approx(0.4)
    assert dead_units(np.zeros((100, 4))) == 1


def test_effective_rank_counts_independent_units():
    values = rng().normal(size=(5000, 8))
    assert effective_rank(values) == pytest.approx(8, abs=0.02)
    assert effective_rank(np.concatenate([values, values, values], axis=1)) == pytest.approx(
        8, abs=0.02
    )
    assert effective_rank(values[:, :1] * np.ones(8)) == pytest.approx(1)
    assert effective_rank(5 * values + 3) == pytest.approx(effective_rank(values))


def test_sparsity_is_0_for_equal_and_1_for_single_units():
    assert sparsity(np.ones((4, 9))) == pytest.approx(0)
    assert sparsity(3 * np.eye(9)) == pytest.approx(1)
    half = np.tile([1.0, 0.0], (5, 50))
    assert sparsity(half) == pytest.approx((10 - np.sqrt(50)) / 9)
    assert sparsity(np.zeros((3, 4))) == 0


def test_selectivity_is_1_for_units_of_one_class_and_small_for_noise():
    classes = np.repeat(np.arange(4), 500)
    assert selectivity(np.eye(4)[classes], classes) == pytest.approx(1)
    noise = rng().random((2000, 16))
    assert selectivity(noise, classes) < 0.1
    assert selectivity(noise + 1.0 * np.eye(16)[classes], classes) > 2 * selectivity(noise, classes)
    assert selectivity(np.ones((2000, 3)), classes) == 0


def classifier(name, width=64):
    """Two classes told apart by the sign of the first of four inputs, read by many units."""
    inputs = keras.Input((4,))
    x = keras.layers.Dropout(0.2, name="on_input")(inputs)
    x = keras.layers.Dense(width, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(0.5, name="on_hidden")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax", name="head")(x))
    weights = np.zeros((4, width), "float32")
    weights[0] = np.where(np.arange(width) % 2, 1.0, -1.0)
    out = np.stack([weights[0] < 0, weights[0] > 0], axis=1).astype("float32")
    model.get_layer("hidden").set_weights([weights, np.zeros(width, "float32")])
    model.get_layer("head").set_weights([out, np.zeros(2, "float32")])
    values = {"rate": 0.5, "task": "classification", "passes": 3, "tau": 1.0, "n_train": 100}
    return rebuild(model, importer.load(VARIANTS[name]), values)


def train_validation(n=3000):
    x = rng(1).normal(size=(n, 4)).astype("float32")
    part = Split(x, (x[:, 0] > 0).astype("int32"))
    one = np.ones(4, "float32")
    scaling = Scaling(0 * one, one, np.zeros(1, "float32"), np.ones(1, "float32"))
    return TrainValidation(part, part, Spec((4,), 2, "classification"), scaling, ("a", "b"))


@pytest.mark.parametrize("name", ["none", "standard", "mc"])
def test_traits_of_a_network_that_is_known(name):
    found = diagnose(classifier(name), train_validation(), "accuracy")
    noisy = rng(0).normal(size=10**6)
    sign, noise = noisy[: 5 * 10**5], noisy[5 * 10**5 :]
    agree = np.mean((sign > 0) == (sign + noise > 0))
    assert found["noise_gaussian"] == pytest.approx(agree, abs=5 * (0.25 / 2000) ** 0.5)
    assert found["noise_salt"] == pytest.approx(0.95, abs=5 * (0.05 * 0.95 / 2000) ** 0.5)
    assert found["units_cut"] > 0.99
    assert found["dead_units"] == 0
    assert found["effective_rank"] < 2.1
    assert found["selectivity"] == pytest.approx(1, abs=0.01)


def test_cutting_units_breaks_a_network_that_stands_on_two():
    whole = diagnose(classifier("none"), train_validation(), "accuracy")["units_cut"]
    assert (
        diagnose(classifier("none", width=2), train_validation(), "accuracy")["units_cut"]
        < whole - 0.05
    )


def test_watching_a_network_leaves_it_as_it_was():
    rebuilt, x = classifier("standard"), train_validation().validation.x
    before = rebuilt.model(x)
    (seen,) = activations(rebuilt, x)
    assert seen.shape == (3000, 64)
    np.testing.assert_allclose(seen, np.maximum(x[:, :1] * ([-1.0, 1.0] * 32), 0), rtol=1e-6)
    diagnose(rebuilt, train_validation(), "accuracy")
    assert np.array_equal(rebuilt.model(x), before)
    assert all("call" not in vars(layer) for layer in rebuilt.site_layers)
