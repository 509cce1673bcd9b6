"""DropConnect: weights are dropped, by example or by batch."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from _weighted_layers import L, is_rate, normal, numpy, ones

from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.standard import Dropout


def has_mixed_rows(kernel):
    """Whether zeros are those of single weights: some in every row, in none all."""
    zeros = (kernel == 0).mean(axis=1)
    return bool(np.all((zeros > 0) & (zeros < 1)))


def test_dropconnect_drops_weights_and_dropout_drops_inputs():
    probe, units = np.eye(50, dtype="float32"), ones(40)
    kernel = numpy(DropConnect(units, 0.3, mask_scope="batch", seed=1)(probe, training=True))
    assert has_mixed_rows(kernel)
    assert is_rate(np.mean(kernel == 0), 0.3, kernel.size)
    np.testing.assert_allclose(kernel[kernel != 0], 1 / 0.7, rtol=1e-6)
    assert not has_mixed_rows(numpy(units(Dropout(0.3, seed=1)(probe, training=True))))


def noise(make, x, units=8):
    """What 2,000 equal rows get in one call, less its mean."""
    same = np.repeat(x[None], 2000, axis=0)
    out = numpy(make(ones(units))(same, training=True))
    return out - out.mean(axis=0)


def largest_correlation(noise):
    correlations = np.corrcoef(noise.T)
    return np.abs(correlations - np.eye(len(correlations))).max()


@pytest.mark.parametrize("scope", ["example", "gaussian"])
def test_outputs_of_one_example_have_uncorrelated_noise(scope):
    x = np.abs(normal(10))
    own = noise(lambda layer: DropConnect(layer, 0.5, mask_scope=scope, seed=1), x)
    assert largest_correlation(own) < 5 / math.sqrt(2000)
    dropout = noise(lambda layer: keras.Sequential([Dropout(0.5, seed=1), layer]), x)
    assert largest_correlation(dropout) > 0.9


@pytest.mark.parametrize(("scope", "shared"), [("batch", 1), ("example", 0), ("gaussian", 0)])
def test_equal_rows_share_their_noise_in_scope_batch_only(scope, shared):
    x = np.repeat(normal(1, 20), 2, axis=0)
    rows = numpy(DropConnect(ones(2000), 0.5, mask_scope=scope, seed=1)(x, training=True))
    assert abs(np.corrcoef(rows)[0, 1] - shared) < (5 / math.sqrt(2000) if shared == 0 else 1e-6)


def variance_ratio(scope, rate):
    """The variance over 20,000 masks, over that of rate 0.2 in closed form, mean of 16 units."""
    x, layer = normal(10), DropConnect(L.Dense(16), rate, mask_scope=scope, seed=1)
    out = numpy(layer(np.repeat(x[None], 20_000, axis=0), training=True))
    kernel = numpy(layer.layer.kernel)
    return np.mean(out.var(axis=0) / (0.25 * np.square(x) @ np.square(kernel)))


@pytest.mark.parametrize("scope", ["example", "gaussian"])
def test_the_variance_is_that_of_independent_weights(scope):
    assert variance_ratio(scope, 0.2) == pytest.approx(1, abs=0.02)


def test_taking_the_rate_for_the_keep_probability_would_be_noticed():
    assert variance_ratio("gaussian", 0.8) == pytest.approx(16, rel=0.1)


def test_the_gradient_is_zero_where_the_mask_is():
    layer = DropConnect(ones(40), 0.5, mask_scope="batch", seed=1)
    layer(np.eye(50, dtype="float32"))
    with tf.GradientTape(persistent=True) as tape:
        kernel = layer(np.eye(50, dtype="float32"), training=True)
        plain = layer(np.eye(50, dtype="float32"))
    weights = layer.layer.kernel.value
    gradient = numpy(tape.gradient(kernel, weights))
    assert np.array_equal(gradient == 0, numpy(kernel) == 0)
    assert np.all(numpy(tape.gradient(plain, weights)) != 0)


def test_closed_form_inference_is_the_mean_over_masks_and_the_mean_weights_are_not():
    keras.utils.set_random_seed(0)
    layer = DropConnect(L.Dense(64, activation="relu"), 0.5, inference="gaussian", seed=1)
    x = normal(1, 50)
    closed = numpy(layer(x))[0]
    samples = numpy(layer(np.repeat(x, 10_000, axis=0), training=True))
    error = samples.std(axis=0) / math.sqrt(10_000)
    assert np.all(np.abs(samples.mean(axis=0) - closed) < 5 * error + 1e-5)
    by_mean_weights = numpy(layer.layer(x))[0]
    assert np.mean(np.abs(samples.mean(axis=0) - by_mean_weights) > 5 * error) > 0.5


def test_what_a_layer_cannot_do_is_refused():
    with pytest.raises(ValueError, match="'example' is for Dense layers, 'c' is a Conv2D"):
        DropConnect(L.Conv2D(3, 3, name="c"), 0.5, mask_scope="example")
    with pytest.raises(ValueError, match="needs activation='relu' in layer 'd'"):
        DropConnect(L.Dense(3, name="d"), 0.5, inference="gaussian")
    with pytest.raises(ValueError, match="expected mask_scope in"):
        DropConnect(L.Dense(3), 0.5, mask_scope="exmple")
