"""Study -> rows of trials, epochs and variants."""

import math
from datetime import datetime

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from tuner.errors import StoreError
from tuner.study import reading, results
from tuner.study.definition import METRICS, StudyDefinition
from tuner.study.results import EpochRow
from tuner.study.summary import trial_text

HISTORY = {
    "train_loss": [0.9, 0.7],
    "val_loss": [1.0, 0.8],
    "train_accuracy": [0.6, 0.8],
    "val_accuracy": [0.5, 0.7],
}


def trial(variant, value=None, state=TrialState.COMPLETE, last=None, **attrs):
    reports = {} if last is None else {2: last}
    attrs = {"params": {"variant": variant, "rate": 0.25}} | attrs
    return create_trial(state=state, value=value, user_attrs=attrs, intermediate_values=reports)


def read(*trials, metric="accuracy", **attrs):
    definition = StudyDefinition.parse({"metric": metric}, "test")
    study = optuna.create_study(direction=METRICS[metric].direction)
    for name, value in {"definition": definition.to_table(), **attrs}.items():
        study.set_user_attr(name, value)
    study.add_trials(trials)
    return reading.read(study)


def test_complete_trial_becomes_a_row():
    attrs = {"seed": 7, "n_weights": 90, "worker": "here:1", "role": "baseline", "seconds": 1.5}
    row = read(trial("alpha", 0.7, last=0.7, train_accuracy=0.9, **attrs)).trials[0]
    assert (row.number, row.state, row.value, row.last_value) == (0, "COMPLETE", 0.7, 0.7)
    assert (row.variant, row.rate, row.train_value) == ("alpha", 0.25, 0.9)
    assert {name: getattr(row, name) for name in attrs} == attrs
    assert isinstance(row.started, datetime)
    assert isinstance(row.completed, datetime)


def test_gap_is_train_minus_validation():
    assert read(trial("none", 0.7, train_accuracy=0.9)).trials[0].gap == pytest.approx(0.2)


@pytest.mark.parametrize("state", [TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING])
def test_trial_that_is_not_complete_has_no_value_but_the_last_one(state):
    row = read(trial("alpha", state=state, last=0.6, train_accuracy=0.9)).trials[0]
    assert (row.value, row.train_value, row.gap, row.last_value) == (None, None, None, 0.6)


def test_failed_trial_keeps_its_error():
    row = read(trial("alpha", state=TrialState.FAIL, error="ValueError: no")).trials[0]
    assert (row.state, row.error) == ("FAIL", "ValueError: no")


def test_waiting_trial_has_no_variant_and_no_rate():
    row = read(create_trial(state=TrialState.WAITING)).trials[0]
    assert (row.variant, row.rate, row.n_epochs) == ("?", None, 0)


def test_epochs_are_counted_from_the_history():
    assert read(trial("none", 0.7, history=HISTORY)).trials[0].n_epochs == 2


def test_epochs_of_a_running_trial_are_counted_from_its_reports():
    assert read(trial("none", state=TrialState.RUNNING, last=0.5)).trials[0].n_epochs == 2


def test_what_a_variant_measured_is_kept_beside_the_rates_that_it_learned():
    history = HISTORY | {"rate_0": [0.1, 0.2], "rate_1": [0.3, 0.4]}
    found = read(trial("concrete", 0.7, history=history, measured={"mean_rate": 0.1}))
    assert found.trials[0].measured == {"rate_0": 0.2, "rate_1": 0.4, "mean_rate": 0.1}
    assert found.trials[0].learned_rates == [0.2, 0.4]
    assert [row.rates for row in found.epochs] == [(0.1, 0.3), (0.2, 0.4)]


def test_history_becomes_rows_numbered_from_one():
    found = read(trial("none", 0.6), trial("none", 0.7, history=HISTORY))
    assert found.epochs == (
        EpochRow(1, 1, 0.9, 1.0, 0.6, 0.5),
        EpochRow(1, 2, 0.7, 0.8, 0.8, 0.7),
    )
    assert found.epochs_of(1) == list(found.epochs)
    assert found.epochs_of(0) == []


@pytest.mark.parametrize("history", [{}, {"val_loss": [1.0]}], ids=str)
def test_trial_without_a_whole_history_has_no_epoch_rows(history):
    assert read(trial("none", 0.7, history=history)).epochs == ()


def test_states_are_counted():
    states = ["COMPLETE", "PRUNED", "PRUNED", "FAIL", "WAITING", "RUNNING"]
    values = [0.5, None, None, None, None, None]
    trials = [trial("none", v, TrialState[s]) for s, v in zip(states, values, strict=True)]
    counts = read(*trials).counts
    assert vars(counts) == {"complete": 1, "pruned": 2, "failed": 1, "waiting": 1, "running": 1}
    assert counts.finished == 3


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


def test_attrs_are_those_of_the_study_without_its_definition():
    found = read(n_train=100, data="abc")
    assert found.attrs == {"n_train": 100, "data": "abc"}
    assert found.definition.metric == found.metric == "accuracy"


def test_study_of_another_program_is_refused():
    with pytest.raises(StoreError, match="was not created by tuner"):
        reading.read(optuna.create_study())


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
    ranked = [row.variant for row in reading._variant_rows(rows, maximize=True)]
    best = results.best_of(rows, maximize=True)
    assert ranked == ["standard", "gaussian", "alpha"]
    assert best.variant == ranked[0]


@pytest.mark.parametrize(
    ("n", "text"), [(0, "rate 0.25"), (2, "learned 0.1 0.2"), (5, "learned 0.1 to 0.5 at 5 places")]
)
def test_learned_rates_are_said_in_few_words(n, text):
    rates = {f"rate_{place}": [(place + 1) / 10] for place in range(n)}
    row = read(trial("concrete", 0.7, history=rates)).trials[0]
    assert trial_text(row).endswith(text)


def test_reading_a_study_makes_no_epoch_rows_until_they_are_asked_for():
    found = read(trial("none", 0.7, history=HISTORY))
    assert "epochs" not in vars(found)
    assert found.epochs is found.epochs
