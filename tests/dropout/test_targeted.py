"""Targeted dropout: small weights or units are dropped, and none is rescaled."""

import numpy as np
import pytest
import tensorflow as tf
from _weighted_layers import L, dense, is_rate, lowest, normal, numpy

from tuner.dropout import targeted
from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.targeted import TargetedDropout, growth


def kernels(layer, n):
    """The kernels of `n` training calls, by probing with the unit vectors."""
    probe = tf.eye(20)
    layer(probe)
    call = tf.function(lambda: layer(probe, training=True))
    return numpy(layer.layer.kernel), np.stack([numpy(call()) for _ in range(n)])


def test_targeted_drops_the_small_weights_alone_and_rescales_none():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, seed=1)
    kernel, drawn = kernels(layer, 400)
    small = lowest(np.abs(kernel), 0.5)
    assert np.all(drawn[:, ~small] == np.broadcast_to(kernel[~small], drawn[:, ~small].shape))
    assert is_rate(np.mean(drawn[:, small] == 0), 0.3, drawn[:, small].size)
    assert np.all((drawn == 0) | (drawn == kernel))


def test_dropping_any_weight_or_rescaling_would_be_noticed():
    layer = DropConnect(L.Dense(10, use_bias=False), 0.3, mask_scope="batch", seed=1)
    kernel, drawn = kernels(layer, 400)
    assert np.any(drawn[:, ~lowest(np.abs(kernel), 0.5)] == 0)
    assert not np.any((drawn != 0) & (drawn == kernel))


@pytest.mark.parametrize("level", ["weight", "unit"])
@pytest.mark.parametrize(("fraction", "drop_prob"), [(0.0, 0.9), (0.9, 0.0)])
def test_nothing_targeted_or_nothing_dropped_is_the_plain_layer(level, fraction, drop_prob):
    layer = TargetedDropout(dense(), fraction, drop_prob, level=level)
    x = normal(9, 8)
    assert np.array_equal(layer(x, training=True), layer.layer(x))


@pytest.mark.parametrize("level", ["weight", "unit"])
def test_dropping_all_that_is_targeted_is_pruned_inference_bit_by_bit(level):
    layer = TargetedDropout(dense(), 0.5, 1.0, level=level, inference="pruned")
    x = normal(9, 8)
    assert np.array_equal(layer(x, training=True), layer(x))
    assert not np.allclose(layer(x), layer.layer(x))
    assert np.array_equal(layer.as_keras()(x), layer(x))


def test_level_unit_drops_whole_units_of_small_norm():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, level="unit", seed=1)
    kernel, drawn = kernels(layer, 400)
    dropped = (drawn == 0).mean(axis=1)
    small = lowest(np.square(kernel).sum(axis=0)[:, None], 0.5)[:, 0]
    assert set(np.unique(dropped)) == {0.0, 1.0}
    assert not dropped[:, ~small].any()
    assert is_rate(dropped[:, small].mean(), 0.3, dropped[:, small].size)


def test_level_weight_drops_no_whole_units():
    _, drawn = kernels(TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, seed=1), 20)
    assert (drawn == 0).mean(axis=1).max() <= 0.5


def test_dropped_weights_get_no_gradient_and_kept_ones_do():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.5, seed=1)
    layer(tf.eye(20))
    with tf.GradientTape() as tape:
        kernel = layer(tf.eye(20), training=True)
    gradient = numpy(tape.gradient(kernel, layer.layer.kernel.value))
    assert np.array_equal(gradient, (numpy(kernel) != 0).astype("float32"))


@pytest.mark.parametrize(
    ("progress", "fraction", "drop_prob"),
    [(0.0, 0.0, 0.0), (0.25, 0.475, 0.25), (0.5, 0.95, 0.5), (0.75, 0.975, 0.75), (1.0, 1.0, 1.0)],
)
def test_a_ramp_follows_its_closed_form(progress, fraction, drop_prob):
    shares = [float(share) for share in growth(np.float32(progress))]
    assert shares == pytest.approx([fraction, drop_prob])


@pytest.mark.parametrize(("ramp", "rate"), [(True, 0.45 * 0.4), (False, 0.5 * 0.8)])
def test_a_ramp_drops_the_rate_of_the_moment(ramp, rate):
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.8, ramp=ramp, n_steps=10**6, seed=1)
    layer.step.scalar.assign(10**6 / 2)
    _, drawn = kernels(layer, 200)
    assert is_rate(np.mean(drawn == 0), rate, drawn.size)


def test_the_rate_is_the_expected_dropped_fraction_and_a_ramp_has_a_smaller_mean():
    values = {"target_fraction": 0.5, "drop_prob": 0.8, "ramp": False}
    assert targeted.VARIANT.rate_of(values) == pytest.approx(0.4)
    assert targeted.VARIANT.record(values) == {}
    mean = targeted.VARIANT.record(values | {"ramp": True})["mean_rate"]
    assert mean == pytest.approx(0.4 * (1.9 / 24 + 0.9 * 3 / 8 + 0.1 * 7 / 24), rel=1e-3)


@pytest.mark.parametrize(
    ("hps", "match"),
    [
        ({"target_fraction": 1.0}, "probability of dropping"),
        ({"drop_prob": 1.1}, "probability of dropping"),
        ({"level": "filter"}, "expected level in"),
        ({"inference": "mean"}, "expected level in"),
    ],
)
def test_hyperparameters_without_a_meaning_are_refused(hps, match):
    with pytest.raises(ValueError, match=match):
        TargetedDropout(L.Dense(3), **{"target_fraction": 0.5, "drop_prob": 0.5} | hps)
