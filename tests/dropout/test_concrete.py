"""Concrete dropout: gates, their entropy, and the terms of its loss."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from _learned_layers import L, built, concrete, descend, gradient, noisy, rows

from tuner.dropout.concrete import VARIANT as CONCRETE
from tuner.dropout.rebuild import rebuild


def gates(rate, temperature, n=400_000, shape=(100,), **settings):
    """1 - z, for n gates."""
    layer = concrete(rate, temperature=temperature, seed=1, **settings)
    return noisy(layer, np.ones((n // math.prod(shape), *shape), "float32")) * (1 - rate)


def is_rate(observed, rate, n):
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


@pytest.mark.parametrize("temperature", [0.01, 0.1, 2 / 3])
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_a_gate_is_below_a_half_with_the_rate_at_any_temperature(temperature, rate):
    closed = float(np.mean(gates(rate, temperature) < 0.5))
    assert is_rate(closed, rate, 400_000)
    assert not is_rate(closed, 1 - rate, 400_000)  # keep for drop


def test_cold_gates_are_bernoulli_and_warm_ones_are_not():
    def ratios(temperature):
        open_ = gates(0.3, temperature, 2_000_000)
        return open_.mean() / 0.7, open_.var() / 0.21

    assert ratios(0.01) == pytest.approx((1, 1), abs=0.01)
    assert ratios(2 / 3)[1] < 0.8


@pytest.mark.slow
def test_the_entropy_alone_draws_the_rate_to_one_half():
    layer = built(concrete(0.05))
    descend(layer, lambda: -layer.entropy_term(), 150)
    assert float(CONCRETE.learned(layer)) == pytest.approx(0.5, abs=1e-3)
    other = built(concrete(0.05))
    descend(other, other.entropy_term, 150)  # the sign turned
    assert CONCRETE.learned(other) < 0.01


def test_the_weights_alone_lower_the_rate():
    layer, kernel = built(concrete(0.4)), tf.constant(rows())
    assert np.all(np.diff(descend(layer, lambda: layer.weight_term(kernel), 30)) < 0)
    assert np.all(np.diff(descend(layer, lambda: -layer.weight_term(kernel), 30)) > 0)


@pytest.mark.parametrize("rho", [-10.0, 10.0])
def test_gradients_reach_rho_and_are_finite_at_the_limits(rho):
    layer, x = built(concrete(seed=1)), tf.constant(rows())
    layer.rho.assign(rho)
    for value in (
        lambda: tf.reduce_sum(layer(x, training=True) ** 2),
        lambda: layer.weight_term(x),
        layer.entropy_term,
    ):
        assert np.isfinite(gradient(layer, value))


def entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


@pytest.mark.parametrize(("shape", "n"), [((7,), 7), ((5, 5, 3), 3)])
def test_the_entropy_term_counts_units_or_maps(shape, n):
    noise_shape = (None, 1, 1, None) if len(shape) == 3 else None
    layer = built(concrete(0.2, 50, entropy_weight=3.0, noise_shape=noise_shape), *shape)
    assert float(layer.entropy_term()) == pytest.approx(3 * n * entropy(0.2) / 50, abs=1e-6)


def test_the_weight_term_is_that_of_the_paper():
    layer = built(concrete(0.2, 50, length_scale=0.5))
    expected = 0.5**2 / (2 * 50) * np.sum(rows() ** 2) / (1 - 0.2)
    assert float(layer.weight_term(rows())) == pytest.approx(expected, rel=1e-5)


def test_twice_the_training_examples_halve_both_terms():
    few, many = built(concrete(n_train=50)), built(concrete(n_train=100))
    assert float(few.entropy_term()) == pytest.approx(2 * float(many.entropy_term()))
    assert float(few.weight_term(rows())) == pytest.approx(2 * float(many.weight_term(rows())))


def test_the_mask_of_a_map_is_constant_over_space():
    x = np.ones((20, 4, 4, 3), "float32")
    whole = noisy(concrete(noise_shape=(None, 1, 1, None), seed=1), x)
    assert np.all(np.ptp(whole, axis=(1, 2)) == 0)
    assert np.ptp(whole, axis=(0, 3)).max() > 0.1
    assert np.ptp(noisy(concrete(seed=1), x), axis=(1, 2)).max() > 0.1


@pytest.mark.parametrize(("task", "factor"), [("classification", 1), ("regression", 2 / 2)])
def test_the_loss_takes_the_kernel_that_follows_and_the_kind_of_the_target(task, factor):
    model = keras.Sequential([keras.Input((4,)), L.Dense(5), L.Dropout(0.1), L.ReLU(), L.Dense(2)])
    built = rebuild(model, CONCRETE, {"rate": 0.2, "n_train": 50, "task": task}).model
    layer = built.layers[1]
    expected = float(layer.weight_term(built.layers[-1].kernel) - layer.entropy_term())
    built(rows(2), training=True)
    assert [float(loss) for loss in built.losses] == [pytest.approx(factor * expected, rel=1e-6)]


def test_in_a_subclassed_model_the_layer_that_follows_has_to_be_named():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.noise, self.after = concrete(0.2, 50), L.Dense(2)

        def call(self, inputs, training=False):
            return self.after(self.noise(inputs, training=training))

    model = Net()
    model(rows(2))
    with pytest.raises(ValueError, match=r"name it with regularize\(layer\)"):
        model(rows(2), training=True)
    model.noise.regularize(model.after)
    model(rows(2), training=True)
    assert float(model.losses[0]) == pytest.approx(float(model.noise.penalty()))


@pytest.mark.parametrize("settings", [{"rate": 0.0}, {"temperature": 0.0}, {"n_train": 0}])
def test_concrete_refuses_what_cannot_be(settings):
    with pytest.raises(ValueError, match="expected"):
        concrete(**settings)
