"""Means that are judged at looks: they hold whenever one stops, and the least of several."""

import numpy as np
import pytest
from scipy import stats

from tuner.comparison.statistics.looks import Race
from tuner.comparison.statistics.monitored import Gain, monitor

LOOKS = Race(2, 14).looks_until(14)
N = 2000
"""Studies; 5 % of them with five standard errors is 7.5 %."""
MOST = 0.075


def drawn(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_without_looks_it_is_a_t_test():
    values = drawn(10).tolist()
    found, test = monitor(values, 1e-9), stats.ttest_1samp(values, 0.0)
    sign = 1 if test.statistic > 0 else -1
    assert found.p(sign) == pytest.approx(test.pvalue)
    assert found.p(-sign) == 1
    assert found.interval() == pytest.approx(tuple(test.confidence_interval(0.95)))


def test_before_the_first_look_nothing_is_said():
    found = monitor([1.0, 2.0, 3.0, 4.0], 1e-9, LOOKS)
    assert (found.value, found.n) == (2.5, 4)
    assert found.interval() is None
    assert found.p(1) is None


def test_stopping_at_the_first_success_keeps_the_level():
    values = drawn((N, 14))
    shown = [monitor(row.tolist(), 1e-9, LOOKS).p(1) <= 0.05 for row in values]
    assert np.mean(shown) <= MOST / 2


def test_stopping_at_the_first_success_would_break_it_without_shares():
    """The negative control."""
    free = [(n, 1.0) for n, _ in LOOKS]
    shown = [monitor(row.tolist(), 1e-9, free).p(1) <= 0.05 for row in drawn((N, 14))]
    assert np.mean(shown) > MOST / 2


def test_an_interval_holds_at_whichever_look_one_stops():
    missed = 0
    for row in drawn((N, 14)):
        found = monitor(row.tolist(), 1e-9, LOOKS)
        low, high = found.interval()
        missed += not low <= 0 <= high
    assert missed / N <= MOST


def gain(values, sign=1):
    return Gain({str(j): monitor(row.tolist(), 1e-9) for j, row in enumerate(values)}, sign)


def test_a_gain_is_the_least_difference_and_as_sure_as_its_least_sure_part():
    values = drawn((3, 10)) + np.array([[2.0], [1.0], [3.0]])
    found = gain(values)
    assert found.over == str(values.mean(axis=1).argmin())
    assert found.p == max(found.differences[name].p(1) for name in "012")
    turned = gain(-values, -1)
    assert (turned.over, turned.p) == (found.over, found.p)
    assert turned.interval() == pytest.approx(tuple(-end for end in found.interval()[::-1]))


@pytest.mark.parametrize("truth", [(0.0, 0.0, 0.0), (0.0, 0.5, 1.0), (0.0, 5.0, 5.0)])
def test_the_interval_of_a_gain_holds_for_the_least_true_difference(truth):
    shared = drawn((N // 2, 1, 8), 1)
    own = drawn((N // 2, 3, 8), 2)
    missed = shown = 0
    for row in shared + own + np.array(truth)[:, None]:
        found = gain(row)
        low, high = found.interval()
        missed += not low <= 0 <= high
        shown += found.p <= 0.05
    assert missed / (N // 2) <= MOST
    assert shown / (N // 2) <= MOST / 2


def test_the_plain_interval_of_the_least_difference_would_not_hold():
    """The negative control: of equals the least looks worse than it is."""
    missed = 0
    for row in drawn((N // 2, 10, 8), 2):
        low, high = gain(row).least.interval()
        missed += not low <= 0 <= high
    assert missed / (N // 2) > MOST
