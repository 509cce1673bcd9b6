"""The line that says how small a difference is noise."""

from _scores import around, candidate, scores

from tuner.comparison.statistics.caveats import note
from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.pairwise import compare


def noted(*means, spread=0.001, **kind):
    values = (around(mean, spread, seed=seed) for seed, mean in enumerate(means, start=1))
    found = compare(scores(*map(candidate, ("none", "gaussian"), values), **kind))
    return note(found, decide(found))


def test_it_has_one_threshold_of_seeds_and_of_rows():
    assert noted(0.9841, 0.9879) == (
        "Smaller differences than 0.05 points would be noise of 10 seeds; other rows than the 10000"
        " tested move them by 0.17 points at most (a standard error)."
    )


def test_of_a_regression_it_says_what_is_not_known():
    assert noted(4.2, 3.8, spread=0.1, metric="rmse", direction="minimize") == (
        "Smaller differences than 0.047 would be noise of 10 seeds; other rows than the 10000"
        " tested would move them too."
    )


def test_without_an_interval_there_is_none():
    found = compare(scores(candidate("none", [0.9]), candidate("gaussian", [0.91])))
    assert note(found, decide(found)) == "No interval yet: too few seeds, on 10000 test rows."
