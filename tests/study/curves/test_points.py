"""Params as numbers: rates warped, axes scaled, names as codes, NaN for what is not there."""

import math

import numpy as np
import pytest

from tuner.schema import Range
from tuner.study.curves.points import PLACE, Encoder, Scale, place, scale_of, warped


def test_a_rate_becomes_the_spread_of_its_noise():
    assert [warped(rate) for rate in (0.0, 0.5, 0.8)] == pytest.approx([0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("axis", "value", "scaled"),
    [
        (Range(low=1e-4, high=1e-2, log=True), 1e-3, 0.5),
        (Range(low=0.0, high=0.5), 0.25, 0.5),
        ((64, 256, 1024), 256, 0.5),
        ((1, 2, 3), 2, 0.5),
        (("adam", "sgd"), "sgd", 1.0),
        ((False, True), True, 1.0),
        (("adam", "sgd"), "nadam", -1.0),
        (7, 7, 0.0),
    ],
    ids=str,
)
def test_values_are_scaled_over_their_axis(axis, value, scaled):
    assert scale_of(axis).of(value) == pytest.approx(scaled)


def test_what_a_trial_has_not_is_not_a_number():
    assert math.isnan(Scale().of(None))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"variant": "none", "rate": 0.0}, 0.0),
        ({"variant": "standard", "rate": 0.0}, 0.0),
        ({"variant": "standard", "rate": 0.5}, 1.0),
        ({"variant": "alpha", "rate": 0.0}, PLACE),
        ({"variant": "concrete", "rate": 0.01}, PLACE),
        ({"variant": "targeted", "rate": 0.0}, PLACE),
        ({"variant": "mc", "mc.base": "concrete", "rate": 0.01}, PLACE),
        ({"variant": "mc", "mc.base": "standard", "rate": 0.5}, 1.0),
    ],
    ids=str,
)
def test_only_what_becomes_the_network_without_dropout_begins_there(params, expected):
    assert place(params) == pytest.approx(expected)


def test_points_have_the_hyperparameters_of_their_own_variant_only():
    params = [
        {"variant": "none", "rate": 0.0, "width": 64},
        {"variant": "targeted", "rate": 0.3, "width": 256, "targeted.ramp": True},
        {"variant": "targeted", "rate": 0.6, "width": 64, "targeted.ramp": False},
        {"variant": "standard", "rate": 0.5, "width": 64, "input_rate": 0.2},
    ]
    points = Encoder.of(params, {}).points(params)
    assert points.variant.tolist() == [-1, 0, 0, 1]
    assert points.shared.tolist() == [[0.0], [1.0], [0.0], [0.0]]
    np.testing.assert_allclose(points.sites[:, 0], [0.0, PLACE, PLACE, 0.5])
    np.testing.assert_allclose(points.own, [[np.nan] * 2, [0, 0.3], [1, 0.6], [np.nan] * 2])
