"""Comparisons on several splits of the rows, and validation parts that were too small."""

import math

import pytest
from _scores import around, candidate, scores

from tuner.comparison.statistics.caveats import too_small
from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.splits import over_splits

N_TEST, N_TRAIN = 10_000, 40_000


def split(gain, seed=0):
    none = candidate("none", around(0.97, seed=seed))
    better = candidate("gaussian", around(0.97 + gain, seed=seed + 100))
    return compare(scores(none, better, n_test=N_TEST))


def rows(*gains):
    found = over_splits([split(gain, seed) for seed, gain in enumerate(gains)], N_TRAIN)
    return {row.name: row for row in found}


def test_splits_are_averaged_and_the_spread_is_widened():
    row = rows(0.01, 0.02, 0.03)["gaussian"]
    assert row.means == pytest.approx((0.98, 0.99, 1.0))
    assert row.gain.value == pytest.approx(0.02)
    assert row.gain.spread == pytest.approx(0.01 * math.sqrt(1 + 3 * 0.25))
    assert row.gain.n == 3


def test_how_often_a_candidate_may_be_the_best():
    found = rows(0.01, -0.01, 0.0)
    assert found["gaussian"].n_best == 2
    assert found["none"].n_best == 2
    assert rows(0.01, 0.01, 0.01)["none"].n_best == 0


def test_a_candidate_that_is_missing_on_a_split_is_left_out_of_it():
    alone = compare(scores(candidate("none", around(0.97))))
    row = next(r for r in over_splits([split(0.01), alone], N_TRAIN) if r.name == "gaussian")
    assert row.means[1] is None
    assert row.gain.n == 1
    assert row.gain.interval() is None


def test_a_validation_part_that_could_not_tell_is_said_to_be_too_small():
    comparison = split(0.01)
    decision = decide(comparison)
    (text,) = too_small(comparison, decision, 300)
    assert "on 300 rows" in text
    assert "1.00 points (2,000 rows would do)" in text
    assert not list(too_small(comparison, decision, 3_000))
    needed = 4 * (0.03 + 0.02 - 0.01**2) / 0.01**2
    assert list(too_small(comparison, decision, int(0.99 * needed)))
    assert not list(too_small(comparison, decision, int(1.01 * needed) + 1))


def test_sizes_are_for_accuracies_only():
    values = candidate("none", around(0.97)), candidate("gaussian", around(0.5))
    comparison = compare(scores(*values, metric="rmse", direction="minimize"))
    assert not list(too_small(comparison, decide(comparison), 10))
