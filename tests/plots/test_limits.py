"""Limits of an axis: what is far on the worse side is left out."""

import numpy as np
import pytest

from tuner.plots._limits import limits


def test_limits_leave_out_what_is_far_on_the_worse_side_only():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0]
    assert limits(values, maximize=False)[1] < 6
    assert limits(values, maximize=True)[1] > 100
    assert limits([-v for v in values], maximize=True)[0] > -6
    assert limits(values, maximize=None)[1] < 6


def test_limits_of_equal_values_have_room_and_of_none_there_are_none():
    low, high = limits([0.5, 0.5], maximize=True)
    assert low < 0.5 < high
    assert limits([None, np.nan, np.inf], maximize=True) is None


def test_values_that_labels_cannot_tell_apart_have_the_room_of_one():
    low, high = limits([0.999999, 1.0, 1.0], maximize=True)
    assert (low, high) == pytest.approx((0.99, 1.01), abs=1e-4)
