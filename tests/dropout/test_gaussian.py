"""Gaussian dropout: noise of the variance of standard dropout."""

import math

import numpy as np
import pytest
from _moments import apply

from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.standard import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_gaussian_has_the_variance_of_standard_dropout(rate):
    n, alpha = 2_000_000, rate / (1 - rate)
    out = apply(GaussianDropout(rate, seed=1), np.ones((n // 100, 100), "float32"))
    assert abs(out.mean() - 1) < 5 * math.sqrt(alpha / n)
    assert abs(out.var() / alpha - 1) < 5 * math.sqrt(2 / n)


def test_gaussian_noise_with_alpha_as_its_deviation_would_be_noticed():
    alpha = 0.2 / 0.8
    noise = 1 + alpha * np.random.default_rng(0).normal(size=2_000_000)
    assert abs(noise.var() / alpha - 1) > 5 * math.sqrt(2 / 2_000_000)


@pytest.mark.parametrize(("rate", "negative"), [(0.1, 0.0014), (0.5, 0.1585), (0.8, 0.3086)])
def test_gaussian_flips_signs_as_often_as_the_normal_tail_says(rate, negative):
    out = apply(GaussianDropout(rate, seed=1), np.ones((10_000, 100), "float32"))
    assert abs(np.mean(out < 0) - negative) < 5 * math.sqrt(negative / 1e6) + 1e-4


def test_gaussian_is_no_bernoulli_by_its_kurtosis():
    def kurtosis(x):
        return np.mean(((x - x.mean()) / x.std()) ** 4)

    ones = np.ones((10_000, 100), "float32")
    assert kurtosis(apply(GaussianDropout(0.5, seed=1), ones)) == pytest.approx(3, abs=0.05)
    assert kurtosis(apply(Dropout(0.5, seed=1), ones)) == pytest.approx(1, abs=0.05)
