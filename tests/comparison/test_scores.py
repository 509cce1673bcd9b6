"""The trials of a comparison: by candidate and seed, and what the statistics are given of them."""

from _drawn import SEEDS, a_comparison

from tuner.comparison.scores import scores_of, trials_of


def test_trials_are_found_by_candidate_and_seed():
    trials = trials_of(a_comparison())
    assert list(trials) == ["none", "gaussian", "standard 0.5"]
    assert list(trials["gaussian"]) == list(SEEDS)
    assert [row.value for row in trials["gaussian"].values()] == [0.71, 0.82, 0.93]


def test_a_seed_that_is_not_finished_has_no_value():
    compared = a_comparison()
    found = scores_of(compared, trials_of(compared))
    assert [each.values for each in found.candidates][-1] == (0.60, None, 0.80)
    assert (found.metric, found.direction, found.n_test) == ("accuracy", "maximize", 100)


def test_records_of_an_earlier_version_have_no_twins_and_every_seed():
    compared = a_comparison()
    found = scores_of(compared, trials_of(compared))
    assert [each.role for each in found.candidates] == ["no dropout", "dropout", "dropout"]
    assert {each.twin for each in found.candidates} == {None}
    assert found.race is None
