"""Numbers with intervals."""

import numpy as np
import pytest

from tuner.study.curves.known import known, noise_of_best


def test_an_interval_holds_95_percent():
    found = known(np.random.default_rng(0).standard_normal(100_000))
    assert (found.mean, found.low, found.high) == pytest.approx((0.0, -1.96, 1.96), abs=0.03)


@pytest.mark.parametrize("n", [2, 50])
def test_the_best_of_more_trials_is_luckier(n):
    equal = np.random.default_rng(1).standard_normal((40_000, n + 1))
    lucky = np.quantile(equal[:, :n].max(axis=1) - equal[:, n], 0.95)
    assert noise_of_best(2.0, n) == pytest.approx(2.0 * lucky, rel=0.03)
