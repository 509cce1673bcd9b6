"""Study -> rows of trials, epochs and variants."""

import math

import pytest
from _read_trials import read, trial
from optuna.trial import TrialState

from tuner.study import results
from tuner.study.rows import by_variant, variant_rows


@pytest.mark.parametrize(("metric", "number"), [("accuracy", 1), ("nll", 0), ("rmse", 0)])
def test_best_follows_the_direction_of_the_metric(metric, number):
    found = read(trial("none", 0.2), trial("alpha", 0.8), trial("none", 0.5), metric=metric)
    assert found.best.number == number
    assert found.maximize == (metric == "accuracy")


@pytest.mark.parametrize("metric", ["accuracy", "nll"])
def test_best_of_equals_is_the_one_that_ran_first(metric):
    found = read(*(trial(name, 0.5) for name in ("none", "alpha", "none")), metric=metric)
    assert found.best.number == 0


@pytest.mark.parametrize("metric", ["accuracy", "nll"])
def test_best_value_may_be_zero(metric):
    found = read(trial("none", 0.0), trial("alpha", -1.0), trial("alpha", 1.0), metric=metric)
    assert found.best.value == {"accuracy": 1.0, "nll": -1.0}[metric]


def test_pruned_trial_is_never_the_best():
    found = read(trial("none", 0.5), trial("alpha", state=TrialState.PRUNED, last=0.9))
    assert found.best.number == 0


def test_study_without_a_complete_trial_has_no_best():
    found = read(trial("none", state=TrialState.FAIL), trial("none", state=TrialState.PRUNED))
    assert found.best is None
    assert [row.best for row in found.variants] == [None]


@pytest.mark.parametrize(
    ("metric", "gains"),
    [
        ("accuracy", {"alpha": 0.2, "none": 0.0, "standard": -0.1}),
        ("nll", {"standard": 0.1, "none": 0.0, "alpha": -0.2}),
    ],
)
def test_variants_are_ranked_by_their_gain_over_no_dropout(metric, gains):
    trials = trial("none", 0.5), trial("alpha", 0.7), trial("standard", 0.4)
    rows = read(*trials, metric=metric).variants
    assert {row.variant: pytest.approx(row.gain) for row in rows} == gains
    assert [row.variant for row in rows] == list(gains)


def test_variant_is_represented_by_its_best_trial():
    row = read(trial("alpha", 0.5), trial("alpha", 0.7), trial("alpha", 0.6)).variants[0]
    assert (row.best.number, row.n, row.n_complete) == (1, 3, 3)


def test_variant_counts_pruned_trials_but_no_failed_ones():
    states = [TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING]
    row = read(trial("alpha", 0.5), *(trial("alpha", state=s) for s in states)).variants[0]
    assert (row.n, row.n_complete) == (2, 1)


def test_variant_with_pruned_trials_only_comes_last_without_a_gain():
    found = read(trial("alpha", state=TrialState.PRUNED, last=0.9), trial("none", 0.5))
    assert [row.variant for row in found.variants] == ["none", "alpha"]
    assert (found.variants[1].best, found.variants[1].gain) == (None, None)


def test_without_a_trial_without_dropout_there_is_no_gain():
    assert read(trial("alpha", 0.7)).variants[0].gain is None


def test_sampling_error_of_accuracy_follows_from_the_validation_part():
    found = read(trial("none", 0.9), n_validation=100)
    assert results.error_of_best(found) == pytest.approx(math.sqrt(0.9 * 0.1 / 100))


def test_sampling_error_of_a_perfect_accuracy_is_what_a_row_weighs():
    found = read(trial("none", 1.0), n_validation=30)
    assert results.error_of_best(found) == pytest.approx(1 / 30)


@pytest.mark.parametrize(
    ("trials", "metric", "attrs"),
    [
        ([], "accuracy", {"n_validation": 100}),
        ([0.9], "accuracy", {}),
        ([0.9], "nll", {"n_validation": 100}),
    ],
    ids=["no trial", "unknown size", "other metric"],
)
def test_sampling_error_is_left_out_where_it_is_unknown(trials, metric, attrs):
    found = read(*(trial("none", value) for value in trials), metric=metric, **attrs)
    assert results.error_of_best(found) is None


def test_the_first_variant_is_that_of_the_best_trial_where_values_tie():
    rows = tuple(
        results.TrialRow(number, "COMPLETE", 0.9, 0.9, {"variant": name})
        for number, name in enumerate(("standard", "gaussian", "alpha"))
    )
    ranked = [row.variant for row in variant_rows(by_variant(rows, maximize=True), maximize=True)]
    best = results.best_of(rows, maximize=True)
    assert ranked == ["standard", "gaussian", "alpha"]
    assert best.variant == ranked[0]
