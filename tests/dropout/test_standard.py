"""Standard dropout: what it drops and how it scales."""

import math

import numpy as np
import pytest
from _moments import N, apply, dropped, is_rate

from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.standard import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5, 0.8])
def test_standard_drops_the_fraction_rate(rate):
    assert is_rate(dropped(Dropout(rate, seed=1)), rate)


def test_dropping_with_the_keep_probability_would_be_noticed():
    assert not is_rate(dropped(Dropout(1 - 0.2, seed=1)), 0.2)


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_standard_scales_what_it_keeps(rate):
    out = apply(Dropout(rate, seed=1), np.ones((100, 100), "float32"))
    np.testing.assert_allclose(out[out != 0], 1 / (1 - rate), rtol=1e-6)


@pytest.mark.parametrize("make", [Dropout, GaussianDropout])
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_the_mean_is_kept(make, rate):
    x = np.random.default_rng(0).normal(1, 1, size=(2000, 100)).astype("float32")
    tolerance = 5 * math.sqrt(rate / (1 - rate)) * np.sqrt(np.mean(x**2)) / math.sqrt(N)
    assert abs(apply(make(rate, seed=1), x).mean() - x.mean()) < tolerance


def test_standard_without_scaling_would_be_noticed():
    x = np.ones((2000, 100), "float32")
    out = apply(Dropout(0.5, seed=1), x) * 0.5
    assert abs(out.mean() - 1) > 5 / math.sqrt(N)


def test_normalised_geometric_mean_over_all_masks_is_the_scaled_network():
    """Srivastava et al. 2014: exact for a softmax layer; the arithmetic mean is not equal."""
    generator = np.random.default_rng(0)
    x, kernel = generator.normal(size=10), generator.normal(size=(10, 3))
    masks = (np.arange(2**10)[:, None] >> np.arange(10)) & 1
    logits = (masks * x) @ kernel * 2

    def softmax(z):
        z = np.exp(z - z.max(axis=-1, keepdims=True))
        return z / z.sum(axis=-1, keepdims=True)

    geometric = np.exp(np.log(softmax(logits)).mean(axis=0))
    full = softmax(x @ kernel)
    np.testing.assert_allclose(geometric / geometric.sum(), full, atol=1e-12)
    assert np.abs(softmax(logits).mean(axis=0) - full).max() > 0.01
