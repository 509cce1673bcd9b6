"""A line through values by rate."""

import numpy as np
from _drawn import RATES

from tuner.plots._by_rate import smooth


def test_smooth_weighs_neighbours_by_the_kernel():
    # One kernel width apart: weights 1 and exp(-1/2), so 0.6065 / 1.6065 of the farther value.
    mean, error = smooth([0.0, 0.12], [0.0, 1.0], np.array([0.0]))
    np.testing.assert_allclose(mean, [0.37754], rtol=1e-4)
    np.testing.assert_allclose(error, [0.48477], rtol=1e-4)


def test_smooth_at_one_rate_is_the_mean_and_its_standard_error():
    mean, error = smooth([0.3] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], np.array([0.3, 0.5]))
    np.testing.assert_allclose(mean, 3.0)
    np.testing.assert_allclose(error, np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5))


def test_smooth_of_a_constant_is_the_constant_without_error():
    mean, error = smooth(RATES, [0.7] * len(RATES), np.linspace(0.0, 0.5, 20))
    np.testing.assert_allclose(mean, 0.7)
    np.testing.assert_allclose(error, 0.0, atol=1e-8)
