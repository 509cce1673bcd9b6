"""The property that defines each variant, measured, each with a control that must fail."""

import math

import keras
import numpy as np
import pytest

from tuner.dropout.alpha import LIMIT, AlphaDropout
from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.scheduled import SHAPES, ScheduledDropout, share_of_peak
from tuner.dropout.standard import Dropout

N = 200_000


def apply(layer, x):
    return keras.ops.convert_to_numpy(layer(x, training=True))


def dropped(layer, n=N):
    return float(np.mean(apply(layer, np.ones((n // 100, 100), "float32")) == 0))


def is_rate(observed, rate, n=N):
    """Within five standard errors of a Bernoulli fraction."""
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


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


def spatial(x, rate=0.5):
    return apply(Dropout(rate, noise_shape=(None, 1, 1, None), seed=1), x)


def test_spatial_drops_whole_maps():
    out = spatial(np.ones((500, 5, 5, 8), "float32"))
    assert np.all(out.std(axis=(1, 2)) == 0)
    assert set(np.unique(out)) == {0.0, 2.0}
    assert is_rate(np.mean(out[:, 0, 0] == 0), 0.5, n=4000)


def test_standard_dropout_does_not_drop_whole_maps():
    out = apply(Dropout(0.5, seed=1), np.ones((500, 5, 5, 8), "float32"))
    assert np.mean(out.std(axis=(1, 2)) == 0) < 0.01


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


VALUES = {  # progress 0, 1/2, and just before the end, for cutoff 1/4 and steepness 10
    "constant": (1, 1, 1),
    "linear_down": (1, 0.5, 0),
    "linear_up": (0, 0.5, 1),
    "cosine_down": (1, 0.5, 0),
    "annealed_exp": (1, math.exp(-5), math.exp(-10)),
    "curriculum": (0, 1 - math.exp(-5), 1 - math.exp(-10)),
    "early_linear": (1, 0, 0),
    "early_constant": (1, 0, 0),
    "late": (0, 1, 1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_schedules_follow_their_closed_form(shape):
    layer = ScheduledDropout(Dropout(0.8), 0.8, 10, shape=shape, cutoff=0.25, steepness=10.0)
    for progress, share in zip((0.0, 0.5, 1.0), VALUES[shape], strict=True):
        layer.step.scalar.assign(10 * progress)
        assert float(layer.rate_now()) == pytest.approx(0.8 * share, abs=1e-6)


def test_every_shape_has_its_closed_form():
    assert set(VALUES) == set(SHAPES)


@pytest.mark.parametrize(
    ("progress", "early", "late"), [(0.249, 1, 0), (0.25, 0, 1), (0.251, 0, 1)]
)
def test_early_and_late_cover_complementary_steps(progress, early, late):
    shares = dict(zip(SHAPES, share_of_peak(np.float32(progress), 0.25, 10.0), strict=True))
    assert (float(shares["early_constant"]), float(shares["late"])) == (early, late)


@pytest.mark.parametrize("progress", [0.0, 0.5, 0.9])
def test_scheduled_drops_the_rate_of_the_moment(progress):
    layer = ScheduledDropout(Dropout(0.6, seed=1), 0.6, 10**6, shape="linear_down")
    layer.step.scalar.assign(10**6 * progress)
    assert is_rate(dropped(layer), 0.6 * (1 - progress))


def test_a_constant_schedule_is_standard_dropout_bit_by_bit():
    x = np.ones((100, 100), "float32")
    scheduled = apply(ScheduledDropout(Dropout(0.1, seed=7), 0.4, shape="constant"), x)
    assert np.array_equal(scheduled, apply(Dropout(0.4, seed=7), x))


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
