"""Which case a comparison is."""

from dataclasses import replace

import pytest
from _scores import around, candidate, drawn, scores, study

from tuner.comparison.statistics.decision import Case, decide, simplest
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.scored import Scores

NONE = candidate("none", around(0.980, seed=1))
BETTER = candidate("standard", around(0.984, seed=2), width=512)
WORSE = candidate("standard 64", around(0.979, seed=3), width=64)


def decided(*candidates):
    return decide(compare(scores(*candidates)))


def named(*candidates):
    return decided(*candidates).named.candidate.name


def test_what_is_better_than_its_twin_and_every_none_helps():
    assert decided(NONE, BETTER).case is Case.HELPS
    assert named(NONE, BETTER) == "standard"


@pytest.mark.parametrize(
    ("n_hyperparameters", "width", "expected"),
    [(1, 512, "gaussian"), (2, 64, "gaussian"), (2, 512, "standard"), (3, 64, "standard")],
)
def test_of_equals_the_fewest_hyperparameters_win_and_then_the_narrowest(
    n_hyperparameters, width, expected
):
    other = candidate(
        "gaussian", around(0.9839, seed=4), n_hyperparameters=n_hyperparameters, width=width
    )
    assert decided(NONE, BETTER, other).case is Case.HELPS
    assert named(NONE, BETTER, other) == expected


def test_the_simplest_of_equals_is_the_first():
    rows = compare(study([0.0, 1.0, 1.0], 5, 0)).rows
    assert simplest(rows) is rows[0]


def test_the_simplest_is_not_used_unless_it_is_shown_to_help():
    unsure = candidate("alpha", around(0.983, 0.006, seed=5), n_hyperparameters=0)
    assert named(NONE, BETTER, unsure) == "standard"


def test_dropout_does_not_help_where_none_is_best():
    for values in (around(0.9799, seed=4), around(0.97, seed=4)):
        decision = decided(NONE, candidate("alpha", values))
        assert decision.case is Case.NO_HELP
        assert decision.named.candidate.name == "alpha"


def test_a_gain_that_more_seeds_would_show_needs_them():
    decision = decided(NONE, candidate("alpha", around(0.9803, seed=2)))
    assert decision.case is Case.TOO_FEW
    assert 10 < decision.n_seeds < 100
    assert decision.size == pytest.approx(0.0003)


def test_the_only_one_that_may_be_best_is_not_used_before_it_is_shown_to_help():
    """The set asks whether it is the best, Holm's p whether it differs from no dropout."""
    others = [candidate(f"mc {i}", around(0.97986, n=200, seed=i)) for i in range(10)]
    best = candidate("alpha", around(0.98024, n=200, seed=20))
    comparison = compare(scores(candidate("none", around(0.98, n=200, seed=21)), best, *others))
    assert [row.candidate.name for row in comparison.undistinguished] == ["alpha"]
    assert decide(comparison).case is Case.TOO_FEW
    assert decide(comparison).n_seeds > 200


def test_three_seeds_never_say_that_dropout_does_not_help():
    for seed in range(50):
        decision = decide(compare(study([1.0, 0.0, 0.0], 3, seed)))
        assert decision.case in (Case.TOO_FEW, Case.HELPS)


def test_where_all_are_clearly_worse_few_seeds_say_so():
    none, worse = around(0.98, n=4, seed=1), around(0.90, n=4, seed=2)
    others = [candidate(f"mc {i}", worse) for i in range(3)]
    assert decided(candidate("none", none), *others).case is Case.NO_HELP
    near = candidate("alpha", around(0.98, n=4, seed=3))
    assert decided(candidate("none", none), *others, near).case is Case.TOO_FEW


def test_more_seeds_are_asked_for_than_there_are():
    for seed in range(100):
        decision = decide(compare(study([0.0, 0.5, 0.5, 1.0], 6, seed)))
        assert decision.n_seeds is None or decision.n_seeds > 6


WIDE_NONE = candidate("none at width 512", around(0.984, seed=7), width=512)
WIDE = candidate("mc", around(0.984, seed=8), width=512, twin="none at width 512")


def test_a_gain_that_the_twin_has_too_is_not_dropouts():
    """The negative control: without the twin the same numbers say that it helps."""
    decision = decided(NONE, WIDE_NONE, WIDE)
    assert decision.case is Case.NOT_DROPOUT
    assert decision.named.candidate.name == "mc"
    assert decided(NONE, replace(WIDE, twin="none")).case is Case.HELPS


def test_what_helps_its_network_only_is_not_what_to_use():
    narrow = candidate("none", around(0.990, seed=1), width=64)
    helped = candidate("mc", around(0.988, seed=8), width=512, twin="none at width 512")
    decision = decided(narrow, WIDE_NONE, helped)
    assert decision.case is Case.ONLY_NETWORK
    assert decision.named.is_effect_shown
    assert decision.named.gain.over == "none"


def test_a_comparison_of_an_earlier_version_has_no_twins():
    given = Scores((NONE, BETTER), "accuracy", "maximize", 10_000)
    assert decide(compare(given)).case is Case.NO_TWIN


def test_without_no_dropout_there_is_still_a_best():
    near = candidate("gaussian", around(0.9841, seed=4))
    assert decided(WORSE, BETTER).case is Case.NO_BASELINE
    assert decided(WORSE, BETTER).named.candidate.name == "standard"
    assert decided(BETTER, near).case is Case.NO_BASELINE


def test_one_candidate_and_one_seed_are_cases_of_their_own():
    assert decided(BETTER).case is Case.ALONE
    assert decided(candidate("none", [0.9]), candidate("alpha", [0.91])).case is Case.ONE_SEED
    assert decided(NONE, candidate("alpha", [0.99] + [None] * 9)).case is Case.ALONE


@pytest.mark.parametrize("n_seeds", [1, 2, 3])
@pytest.mark.parametrize("spread", [0.0, 0.001])
def test_few_seeds_without_a_spread_are_decided(n_seeds, spread):
    for seed in range(20):
        values = drawn([0.0, 0.0, 1.0], n_seeds, seed, spread=spread)
        assert decided(*map(candidate, ("none", "alpha", "mc"), values)).case in Case
