"""Intervals, p values, Holm's correction, and how many seeds would do."""

import numpy as np
import pytest
from scipy import stats

from tuner.comparison.statistics.estimates import Estimate, estimate, holm, seeds_to_tell

VALUES = [0.31, 0.12, 0.44, 0.27, -0.05, 0.2]


def test_an_estimate_is_that_of_scipy():
    found, test = estimate(VALUES, 0.0), stats.ttest_1samp(VALUES, 0.0)
    assert (found.value, found.spread) == pytest.approx((np.mean(VALUES), np.std(VALUES, ddof=1)))
    assert found.p == pytest.approx(test.pvalue)
    assert found.interval() == pytest.approx(tuple(test.confidence_interval(0.95)))


def test_an_interval_for_several_is_bonferronis():
    test = stats.ttest_1samp(VALUES, 0.0)
    expected = tuple(test.confidence_interval(1 - 0.05 / 11))
    assert estimate(VALUES, 0.0).interval(11) == pytest.approx(expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_of_sure_direction_ends_at_0(sign):
    found = estimate([sign * value for value in VALUES], 0.0)
    assert min(sign * end for end in found.interval(11)) < 0
    assert min(sign * end for end in found.interval(11, is_sure=True)) == 0
    assert found.interval(is_sure=True) == found.interval()


def test_an_interval_has_0_in_it_where_p_is_above_5_percent():
    for seed in range(100):
        found = estimate(np.random.default_rng(seed).normal(0.6, 1.0, 6).tolist(), 0.0)
        low, high = found.interval()
        assert (low <= 0 <= high) == (found.p >= 0.05)


def test_one_value_has_no_interval_and_none_no_estimate():
    assert estimate([0.5], 0.1) == Estimate(0.5, None, 1)
    assert (estimate([0.5], 0.1).p, estimate([0.5], 0.1).interval()) == (None, None)
    assert estimate([], 0.1) is None


def test_equal_values_spread_as_rounding_does():
    found = estimate([0.25, 0.25, 0.25], 0.01)
    assert found.spread == 0.01
    assert found.p == pytest.approx(stats.t.sf(0.25 / (0.01 / 3**0.5), 2) * 2)


def test_holm_as_it_is_worked_out_by_hand():
    """0.01 x 4, then 0.02 x 3, then the highest so far for 0.03 x 2 and 0.04 x 1."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.005, 0.9, 0.5]) == pytest.approx([0.015, 1.0, 1.0])
    assert holm([]) == []


def test_the_seeds_are_those_of_the_noncentral_t():
    n = seeds_to_tell(0.8, 5)
    power = [stats.nct.sf(stats.t.isf(0.05 / 10, m - 1), m - 1, 0.8 * m**0.5) for m in (n - 1, n)]
    assert power[0] < 0.8 <= power[1]


def test_so_many_seeds_find_the_difference_in_80_percent_of_studies():
    generator = np.random.default_rng(0)
    n = seeds_to_tell(1.0, 1)
    studies = generator.normal(1.0, 1.0, (4000, n))
    found = np.mean(stats.ttest_1samp(studies, 0.0, axis=1).pvalue <= 0.05)
    assert 0.8 - 5 * 0.0063 < found < 0.87


@pytest.mark.parametrize(("effect", "n"), [(0.0, None), (0.01, None), (1e9, 2)])
def test_no_effect_is_never_found_and_a_sure_one_by_two_seeds(effect, n):
    assert seeds_to_tell(effect, 11) == n
