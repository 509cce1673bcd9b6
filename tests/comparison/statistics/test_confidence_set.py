"""Which candidates may be the best."""

import numpy as np
import pytest
from _scores import around, candidate, drawn, scores, study
from scipy import stats

from tuner.comparison.statistics.estimates import holm
from tuner.comparison.statistics.pairwise import compare

STUDIES = 300
"""Of them, 5 % with five standard errors are at most 34."""
MOST = 34


def names(rows):
    return {row.candidate.name for row in rows}


def test_two_candidates_are_told_apart_by_a_paired_t_test():
    for seed in range(50):
        none, other = drawn([0.0, 1.0], 8, seed)
        rows = compare(study([0.0, 1.0], 8, seed)).rows
        assert min(row.p_best for row in rows) == pytest.approx(stats.ttest_rel(none, other).pvalue)


def test_the_set_is_holms_on_the_clearest_rival_of_each():
    means = [0.0, 0.5, 1.0, 1.5, 2.5]
    values = np.array(drawn(means, 10, 3))
    best = values.mean(axis=1).argmax()
    clearest = [
        min(
            (stats.ttest_rel(b, a).pvalue for b in values if b.mean() > a.mean()),
            default=1.0,
        )
        for a in values
    ]
    expected = holm([p for i, p in enumerate(clearest) if i != best])
    found = {row.candidate.name: row.p_best for row in compare(study(means, 10, 3)).rows}
    assert sorted(found.values()) == pytest.approx(sorted([*expected, 1.0]))


def test_what_everyone_beats_is_out_and_the_best_is_in():
    far = compare(study([0.0, 20.0, 20.1, 40.0], 10, 0))
    assert names(far.undistinguished) == {"standard 2"}


def test_equal_candidates_are_all_in():
    values = around(0.98)
    same = compare(scores(*(candidate(f"standard {i}", values) for i in range(4))))
    assert [row.p_best for row in same.rows] == [1.0] * 4


def wrong(decided):
    """In how many studies without a difference it is so."""
    return sum(decided(compare(study([0.0] * 12, 6, seed))) for seed in range(STUDIES))


def test_a_best_is_in_the_set():
    assert wrong(lambda found: "standard 3" not in names(found.undistinguished)) <= MOST


def test_a_best_would_be_missed_without_a_correction():
    """The negative control: plain 5 % tests against what looks best."""

    def is_missed(found):
        row = next(row for row in found.rows if row.candidate.name == "standard 3")
        return row.to_best is not None and row.to_best.total.p < 0.05

    assert wrong(is_missed) > MOST


def test_two_equals_far_ahead_are_rarely_told_apart():
    """Where a winner is most often declared wrongly."""
    alone = [
        len(compare(study([-9.0, -9.0, 0.0, 0.0], 8, seed)).undistinguished) == 1
        for seed in range(STUDIES)
    ]
    assert 0 < sum(alone) <= MOST


def test_dropout_is_rarely_said_to_be_better_where_it_is_not():
    assert wrong(lambda found: any(row.is_gain_shown for row in found.dropouts)) <= MOST


def test_dropout_would_often_seem_better_without_a_correction():
    """The negative control: the same with the plain p values."""
    assert wrong(lambda found: any(row.gain.least.total.p <= 0.05 for row in found.dropouts)) > MOST
