"""The divergence of a learned rate from its prior."""

import math

import keras
import numpy as np
import pytest
from _learned_layers import LAYERS, built, descend, gradient, numpy, variational
from scipy.special import digamma
from scipy.stats import poisson

from tuner.dropout._gaussian import kl

variational_layers = pytest.mark.parametrize(
    "make", list(LAYERS.values())[1:], ids=list(LAYERS)[1:]
)


def exact_kl(log_alpha):
    """1/2 E[digamma(J + 1/2) - digamma(1/2)], J ~ Poisson(1 / (2 alpha))."""
    mean = math.exp(-log_alpha) / 2
    j = np.arange(int(mean + 12 * math.sqrt(mean)) + 40)
    return 0.5 * np.sum(poisson.pmf(j, mean) * (digamma(j + 0.5) - digamma(0.5)))


GRID = np.linspace(-8, 8, 65).astype("float32")


def error_of_kl(approximation):
    return np.abs(approximation - [exact_kl(x) for x in GRID]).max()


def test_the_kl_is_within_a_hundredth_of_the_exact_one():
    assert error_of_kl(numpy(kl(GRID))) < 0.01


def test_a_kl_with_its_constants_multiplied_would_be_noticed():
    alpha = np.exp(GRID)
    wrong = 0.5 * np.log1p(1 / alpha) + 0.63576 / (1 + np.exp(1.8732 * 1.48695 * GRID))
    assert error_of_kl(wrong) > 0.01


def test_the_cubic_of_kingma_fails_beyond_alpha_one():
    alpha = np.exp(GRID)
    cubic = 0.5 * GRID + 1.16145124 * alpha - 1.50204118 * alpha**2 + 0.58629921 * alpha**3
    wrong = np.abs(-cubic + 0.6555 - [exact_kl(x) for x in GRID])
    assert wrong[GRID <= 0].max() < 0.03
    assert wrong[GRID > 0.5].max() > 1


def test_the_kl_is_positive_and_falls_with_alpha():
    values = numpy(kl(GRID))
    assert np.all(values >= 0)
    assert np.all(np.diff(values) < 0)


@pytest.mark.slow
@variational_layers
def test_the_kl_alone_drives_the_rate_up(make):
    layer = built(make())
    path = descend(layer, layer.penalty, 20)
    assert np.all(np.diff(path) > 0)
    assert np.all(np.diff(descend(layer, lambda: -layer.penalty(), 20)) < 0)  # the usual bug


@variational_layers
@pytest.mark.parametrize("rho", [-8.0, 8.0])
def test_the_gradient_of_the_kl_is_finite_at_the_limits(make, rho):
    layer = built(make())
    layer.rho.assign(np.full(layer.rho.shape, rho))
    assert np.all(np.isfinite(gradient(layer, layer.penalty)))


def test_the_kl_is_summed_over_the_sources_of_noise():
    n_in, n_out = 4, 3
    one = float(kl(np.float32(math.log(0.3 / 0.7))))
    for settings, count in (({"noise": "A"}, n_in), ({"granularity": "layer"}, n_in * n_out)):
        penalty = float(built(variational(kl_weight=0.5, **settings)).penalty())
        assert penalty == pytest.approx(0.5 * one * count / 100, rel=1e-5)
    neuron = float(built(variational(kl_weight=0.5)).penalty())
    assert neuron == pytest.approx(0.5 * one * n_in * n_out / 100, rel=1e-5)
    assert neuron != pytest.approx(0.5 * one / 100, rel=0.1)  # a mean instead of a sum


@variational_layers
def test_the_penalty_scales_with_one_over_the_training_examples(make):
    keras.utils.set_random_seed(0)
    few, many = built(make(n_train=100)), built(make(n_train=200))
    many.layer.set_weights(few.layer.get_weights())
    assert float(few.penalty()) == pytest.approx(2 * float(many.penalty()), rel=1e-5)


@pytest.mark.parametrize(
    ("warmup", "progress", "share"), [(0.4, 0.0, 0), (0.4, 0.1, 0.25), (0.4, 0.9, 1), (0, 0, 1)]
)
def test_the_kl_is_warmed_up_in_a_straight_line(warmup, progress, share):
    whole, part = built(variational()), built(variational(warmup_frac=warmup, n_steps=1000))
    part.step.scalar.assign(1000 * progress)
    assert float(part.penalty()) == pytest.approx(
        share * float(whole.penalty()), rel=1e-5, abs=1e-6
    )
