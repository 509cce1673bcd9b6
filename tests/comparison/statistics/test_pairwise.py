"""Rows of candidates: means, differences, and what the test part adds."""

import math

import pytest
from _scores import around, candidate, drawn, scores, study
from scipy import stats

from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.scored import Scores

MEANS = [0.0, 1.0, 0.5, 2.0]


def row_of(comparison, name):
    return next(row for row in comparison.rows if row.candidate.name == name)


def summary(comparison, sign=1):
    """All numbers of all rows, by name."""
    return [
        (
            row.candidate.name,
            sign * row.mean.value,
            row.mean.spread,
            row.effect and sign * row.effect.value,
            row.gain and sign * row.gain.value,
            row.to_best and sign * row.to_best.value,
            row.p_effect,
            row.p_gain,
            row.p_best,
        )
        for row in comparison.rows
    ]


def test_differences_are_paired():
    none, other = drawn([0.0, 1.0], 10, 1)
    row = row_of(compare(study([0.0, 1.0], 10, 1)), "standard 0")
    test = stats.ttest_rel(other, none)
    expected = tuple(test.confidence_interval(0.95))
    assert row.effect.interval() == pytest.approx(expected)
    assert row.gain.interval() == pytest.approx(expected)
    assert row.p_effect == row.p_gain == pytest.approx(test.pvalue)


def test_p_values_are_corrected_over_the_dropout_variants():
    rows = compare(study([0.0, *MEANS], 10, 1)).dropouts
    assert len(rows) == 4
    least = min(rows, key=lambda row: row.gain.p)
    assert least.p_gain == pytest.approx(4 * least.gain.p)


def test_a_gain_is_over_the_best_of_all_networks_without_dropout():
    none, other, alpha = drawn([0.0, 1.0, 2.0], 10, 1)
    wide = candidate("none at width 512", other, width=512)
    found = compare(scores(candidate("none", none), wide, candidate("alpha", alpha)))
    assert [row.candidate.name for row in found.dropouts] == ["alpha"]
    row = found.dropouts[0]
    assert row.gain.over == "none at width 512"
    p_values = [stats.ttest_rel(alpha, each).pvalue for each in (none, other)]
    assert row.p_gain == pytest.approx(max(p_values))
    assert row.p_effect == pytest.approx(p_values[0])


def test_lucky_seeds_alone_do_not_make_the_best():
    """The seeds that one candidate has finished are those on which all do well."""
    steady = candidate("alpha", [0.91, 0.81, 0.71, 0.61])
    lucky = candidate("mc", [0.905, 0.806, None, None])
    found = compare(scores(candidate("none", [0.9, 0.8, 0.7, 0.6]), steady, lucky))
    assert row_of(found, "mc").mean.value > row_of(found, "alpha").mean.value
    assert found.rows[0].candidate.name == "alpha"


def test_the_best_comes_first_and_the_others_by_their_means():
    rows = compare(study([0.0, 3.0, 9.0, 6.0], 10, 0)).rows
    assert [row.candidate.name for row in rows] == [
        "standard 1",
        "standard 2",
        "standard 0",
        "none",
    ]
    assert rows[0].to_best is None
    assert all(row.to_best.value < 0 for row in rows[1:])


@pytest.mark.parametrize("n_seeds", [2, 3, 10])
def test_the_order_of_candidates_does_not_matter(n_seeds):
    given = study(MEANS, n_seeds, 5)
    turned = Scores(given.candidates[::-1], given.metric, given.direction, given.n_test)
    assert summary(compare(given)) == summary(compare(turned))


@pytest.mark.parametrize("n_seeds", [2, 3, 10])
def test_minimizing_is_maximizing_the_negative(n_seeds):
    values = drawn(MEANS, n_seeds, 5)
    found = []
    for sign, direction in ((1, "maximize"), (-1, "minimize")):
        given = (
            candidate("none" if i == 0 else f"standard {i}", [sign * v for v in row])
            for i, row in enumerate(values)
        )
        found.append(compare(scores(*given, metric="rmse", direction=direction)))
    assert summary(found[0]) == summary(found[1], -1)


def test_seeds_that_are_not_finished_are_left_out_of_their_pairs():
    none, other = drawn([0.0, 1.0], 6, 2)
    gaps = scores(candidate("none", [None, *none[1:]]), candidate("alpha", [*other[:5], math.nan]))
    row = row_of(compare(gaps), "alpha")
    assert row.mean.value == pytest.approx(sum(other[:5]) / 5)
    assert (row.effect.n, row.mean.n, row.n) == (4, 5, 4)
    assert row.effect.total.p == pytest.approx(stats.ttest_rel(other[1:5], none[1:5]).pvalue)


def test_a_candidate_of_one_seed_is_not_judged_and_comes_last():
    late = [0.999, None, None]
    found = compare(scores(candidate("none", [0.9, 0.91, 0.92]), candidate("alpha", late)))
    assert [row.candidate.name for row in found.rows] == ["none", "alpha"]
    assert [row.candidate.name for row in found.undistinguished] == ["none"]
    assert found.rows[1].p_best is None
    assert found.rows[1].effect is None


def test_values_without_a_spread_differ_by_what_the_test_rows_tell():
    """Two seeds that differ by the same row prove nothing, ten of ten rows do."""
    ends = {}
    for n_rows, n_seeds in ((1, 2), (10, 10)):
        none, better = [0.9] * n_seeds, [0.9 + n_rows / 1000] * n_seeds
        found = compare(scores(candidate("none", none), candidate("alpha", better), n_test=1000))
        ends[n_rows] = found.rows[0].p_gain
    assert ends[1] > 0.05
    assert ends[10] < 0.001


def test_noise_of_the_arithmetic_is_no_difference():
    given = scores(candidate("none", [0.3] * 5), candidate("alpha", [0.1 + 0.2] * 5), metric="rmse")
    assert compare(given).dropouts[0].p_gain > 0.9


def test_all_zeros_are_compared():
    given = scores(candidate("none", [0.0] * 5), candidate("alpha", [0.0] * 5), metric="rmse")
    assert [row.p_best for row in compare(given).rows] == [1.0, 1.0]


def test_the_sampling_error_is_binomial_and_at_most_so_for_a_difference():
    given = scores(candidate("none", around(0.9)), candidate("alpha", around(0.92)), n_test=400)
    none, alpha = (row_of(compare(given), name) for name in ("none", "alpha"))
    assert none.sampling_error == pytest.approx((0.9 * 0.1 / 400) ** 0.5)
    assert alpha.sampling_error_of_gain == pytest.approx(((0.18 - 0.02**2) / 400) ** 0.5)
    assert none.sampling_error_of_gain is None


def test_two_networks_that_never_err_on_the_same_row_have_the_largest_error():
    wrong = [[1] * 40 + [0] * 360, [0] * 40 + [1] * 32 + [0] * 328]
    each = [b - a for a, b in zip(*wrong, strict=True)]
    mean = sum(each) / 400
    deviation = (sum((value - mean) ** 2 for value in each) / 400) ** 0.5
    given = scores(candidate("none", [0.9] * 3), candidate("alpha", [0.92] * 3), n_test=400)
    found = row_of(compare(given), "alpha").sampling_error_of_gain
    assert found == pytest.approx(deviation / 400**0.5)


def test_other_metrics_have_no_sampling_error():
    found = compare(scores(candidate("none", around(3.0)), metric="rmse", direction="minimize"))
    assert found.rows[0].sampling_error is None
