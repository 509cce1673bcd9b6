"""Moments in float64, and rows that are rounded to float32 after they were standardized."""

import numpy as np
import pytest

from tuner.data.scaling import is_far, mean_one, moments, restored, standardized
from tuner.errors import UsageError

RNG = np.random.default_rng(0)


def test_moments_are_those_of_numpy_in_float64():
    rows = RNG.normal(5, 3, (70, 4, 2)).astype("float32")
    mean, scale = moments(rows)
    np.testing.assert_allclose(mean, rows.mean(axis=(0, 1), dtype="float64"), rtol=1e-12)
    np.testing.assert_allclose(scale, rows.std(axis=(0, 1), dtype="float64"), rtol=1e-12)
    assert not is_far(mean, scale)
    assert is_far(mean + 1e5, scale)


def test_numbers_that_float32_holds_are_standardized_in_it_as_ever():
    rows = RNG.integers(0, 256, (50, 6)).astype("uint8")
    mean, scale = moments(rows)
    before = (rows.astype("float32") - mean.astype("float32")) / scale.astype("float32")
    np.testing.assert_array_equal(standardized(rows, mean, scale), before)
    rows = rows / 7
    mean, scale = moments(rows)
    exact = ((rows - mean) / scale).astype("float32")
    np.testing.assert_array_equal(standardized(rows, mean, scale), exact)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1.7e9, 1e15])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e200, 1e-200])
def test_numbers_come_back_from_what_the_network_gets(offset, scale):
    rows = (RNG.normal(size=(80, 2)) + offset) * scale
    mean, deviation = moments(rows)
    standard = standardized(rows, mean, deviation)
    assert standard.dtype == np.float32
    back = restored(standard, mean, deviation)
    assert (np.abs(back - rows) <= 1e-5 * deviation).all()


def test_a_constant_is_its_own_mean_even_where_its_sum_is_rounded():
    rows = np.full((1001, 1), 0.1)
    mean, deviation = moments(rows)
    assert (mean[0], deviation[0]) == (0.1, 1.0)
    assert (standardized(rows, mean, deviation) == 0).all()


def test_weights_have_a_mean_of_1():
    found = mean_one(np.array([0.0, 3.0, 9.0]), "mine")
    assert found.tolist() == [0, 0.75, 2.25]
    assert mean_one(None, "mine") is None
    with pytest.raises(UsageError, match="mine: all weights of the rows of a part are 0"):
        mean_one(np.zeros(3), "mine")
