"""Alpha dropout: mean and variance stay those of SELU."""

import numpy as np
import pytest
from _moments import apply, is_rate

from tuner.dropout.alpha import LIMIT, AlphaDropout

SELU = 1.0507009873554805, 1.6732632423543772


def selu(x):
    return SELU[0] * np.where(x > 0, x, SELU[1] * np.expm1(np.minimum(x, 0)))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3, 0.5])
def test_alpha_keeps_mean_zero_and_variance_one(rate):
    x = selu(np.random.default_rng(0).normal(size=(40_000, 100))).astype("float32")
    out = apply(AlphaDropout(rate, seed=1), x)
    assert abs(out.mean()) < 0.003
    assert abs(out.var() - 1) < 0.005


def test_alpha_after_relu_shifts_the_mean():
    x = np.maximum(np.random.default_rng(0).normal(size=(4000, 100)), 0).astype("float32")
    assert abs(apply(AlphaDropout(0.5, seed=1), x).mean() - x.mean()) > 0.1


def test_alpha_sets_dropped_activations_to_the_limit_of_selu():
    rate = 0.3
    a = ((1 - rate) * (1 + rate * LIMIT**2)) ** -0.5
    expected = a * LIMIT - a * LIMIT * rate
    out = apply(AlphaDropout(rate, seed=1), np.full((2000, 100), 5.0, "float32"))
    assert is_rate(np.mean(np.isclose(out, expected, atol=1e-5)), rate)
