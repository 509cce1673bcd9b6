"""Scheduled dropout: the closed form of every shape."""

import math

import numpy as np
import pytest
from _moments import apply, dropped, is_rate

from tuner.dropout.scheduled import SHAPES, ScheduledDropout, share_of_peak
from tuner.dropout.standard import Dropout

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
