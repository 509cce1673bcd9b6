"""Variational dropout: noise of type A and B, and what inference prunes."""

import math

import numpy as np
import pytest
from _learned_layers import L, built, noisy, numpy, rows, sparse, variational

from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.variational import VariationalDropout


def type_b(n=200_000):
    """Outputs of a type B layer for one row, repeated, and their exact mean and variance."""
    layer = built(variational(seed=1))
    layer.rho.assign(np.array([[-2.0], [-1.0], [0.0], [1.0]]))
    row, kernel = rows(1), numpy(layer.layer.kernel)
    variance = (row**2 * np.exp(numpy(layer.rho)).T) @ kernel**2
    return noisy(layer, np.repeat(row, n, axis=0)), row @ kernel, variance


def test_type_b_has_the_variance_of_independent_weights():
    out, mean, variance = type_b()
    np.testing.assert_allclose(out.var(axis=0), variance[0], rtol=0.02)
    assert np.all(np.abs(out.mean(axis=0) - mean[0]) < 5 * np.sqrt(variance[0] / len(out)))


def test_alpha_as_a_deviation_would_be_noticed():
    out, _, variance = type_b()
    assert np.abs(out.var(axis=0) / variance[0] ** 2 - 1).max() > 0.02


def test_type_b_draws_independently_for_every_row_and_output():
    out, _, _ = type_b()
    bound = 5 / math.sqrt(len(out))
    correlations = np.corrcoef(out.T)[np.triu_indices(3, 1)]
    assert np.all(np.abs(correlations) < bound)
    assert abs(np.corrcoef(out[:-1, 0], out[1:, 0])[0, 1]) < bound


def type_a(n=200_000, **settings):
    layer = built(variational(rate=0.3, units=2, noise="A", seed=1), 2)
    layer.layer.kernel.assign(np.eye(2))
    return noisy(layer, np.full((n, 2), 2.0, "float32"))


def test_type_a_is_gaussian_dropout_of_the_rate():
    n, alpha = 400_000, 0.3 / 0.7
    other = noisy(GaussianDropout(0.3, seed=2), np.full((n // 2, 2), 2.0, "float32"))
    for out in (type_a(), other):
        assert abs(out.mean() - 2) < 5 * math.sqrt(4 * alpha / n)
        assert abs(out.var() / (4 * alpha) - 1) < 5 * math.sqrt(2 / n)
    assert abs(type_a().var() / (4 * alpha**2) - 1) > 5 * math.sqrt(2 / n)


def test_type_a_noise_is_shared_by_the_outputs_of_an_input():
    layer = built(variational(units=2, noise="A", seed=1), 1)
    layer.layer.kernel.assign(np.ones((1, 2)))
    out = noisy(layer, np.ones((50, 1), "float32"))
    np.testing.assert_allclose(out[:, 0], out[:, 1])
    assert out[:, 0].std() > 0.1


@pytest.mark.parametrize("settings", [{}, {"granularity": "layer"}, {"granularity": "weight"}])
def test_convolution_noise_has_the_variance_of_independent_weights(settings):
    layer = VariationalDropout(L.Conv2D(2, 2), 0.3, 100, seed=1, **settings)
    x = np.random.default_rng(0).normal(size=(1, 3, 3, 2)).astype("float32")
    built(layer, 3, 3, 2)
    layer.layer.bias.assign([1.0, -1.0])
    out = noisy(layer, np.repeat(x, 40_000, axis=0))
    kernel, alpha = numpy(layer.layer.kernel), np.exp(numpy(layer.log_alpha()))
    patch = x[0, :2, :2, :, None]
    np.testing.assert_allclose(
        out[:, 0, 0].var(axis=0), (patch**2 * alpha * kernel**2).sum(axis=(0, 1, 2)), rtol=0.04
    )
    expected = (patch * kernel).sum(axis=(0, 1, 2)) + np.array([1, -1])
    np.testing.assert_allclose(out[:, 0, 0].mean(axis=0), expected, atol=0.05)


@pytest.mark.parametrize("noise", ["A", "B"])
def test_grouped_convolutions_take_the_noise(noise):
    layer = VariationalDropout(L.Conv1D(4, 2, groups=2), 0.3, 100, noise=noise, seed=1)
    x = np.ones((3, 5, 6), "float32")
    assert noisy(layer, x).shape == (3, 4, 4)
    assert not np.allclose(noisy(layer, x), numpy(layer(x)))


def test_inference_zeroes_exactly_the_weights_above_the_threshold():
    layer = built(sparse(units=2), 2)
    layer.layer.kernel.assign([[1.0, 1.0], [1.0, 1.0]])
    layer.rho.assign([[2.9, 3.1], [-5.0, 8.0]])
    expected = [[1.0, 0.0], [1.0, 0.0]]
    assert np.array_equal(numpy(layer(np.eye(2, dtype="float32"))), expected)
    assert np.array_equal(numpy(layer.as_keras()(np.eye(2, dtype="float32"))), expected)


def test_rates_for_neurons_prune_nothing():
    layer = built(variational(units=2), 2)
    layer.rho.assign([[8.0], [8.0]])
    assert np.array_equal(numpy(layer.inference_kernel()), numpy(layer.layer.kernel))


def test_what_cannot_be_is_refused():
    for settings in ({"noise": "C"}, {"granularity": "row"}, {"n_train": 0}, {"rate": 0.0}):
        with pytest.raises(ValueError, match="expected"):
            variational(**settings)
    with pytest.raises(ValueError, match='needs noise "B"'):
        sparse(noise="A")
