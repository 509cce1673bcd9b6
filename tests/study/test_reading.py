"""An Optuna study, read: its trials as rows."""

from datetime import datetime

import optuna
import pytest
from _read_trials import read, trial
from optuna.trial import TrialState, create_trial
from simulated.stored import make_study

from tuner.comparison.answer import answer_of
from tuner.errors import StoreError
from tuner.study import reading
from tuner.study.epochs import EpochRow
from tuner.study.studies import load_study

HISTORY = {
    "train_loss": [0.9, 0.7],
    "val_loss": [1.0, 0.8],
    "train_accuracy": [0.6, 0.8],
    "val_accuracy": [0.5, 0.7],
}


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


def test_attrs_are_those_of_the_study_without_its_definition():
    found = read(n_train=100, data="abc")
    assert found.attrs == {"n_train": 100, "data": "abc"}
    assert found.definition.metric == found.metric == "accuracy"


def test_study_of_another_program_is_refused():
    with pytest.raises(StoreError, match="was not created by tuner"):
        reading.read(optuna.create_study())


def test_reading_a_study_makes_no_epoch_rows_until_they_are_asked_for():
    found = read(trial("none", 0.7, history=HISTORY))
    assert "epochs" not in vars(found)
    assert found.epochs is found.epochs


def at_zero(variant, value):
    return trial(variant, value, params={"variant": variant, "rate": 0.0, "width": 64})


def test_a_variant_at_rate_zero_gains_nothing_over_the_same_network_without_it():
    found = read(at_zero("none", 0.90), at_zero("standard", 0.92), at_zero("alpha", 0.91))
    gains = {row.variant: row.gain for row in found.variants}
    assert gains == {"standard": None, "alpha": pytest.approx(0.01), "none": 0.0}


def test_an_outline_is_all_that_an_answer_needs(tmp_path, new_store):
    store = make_study(new_store(tmp_path / "s.db"), 120, 5)
    study = load_study("simulated", store)
    whole, found = reading.read(study), reading.outline(study)
    names = ("number", "state", "value", "params", "n_epochs", "seconds", "role", "error")
    for one, other in zip(whole.trials, found.trials, strict=True):
        assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]
    assert {row.state for row in found.trials} >= {"COMPLETE", "PRUNED"}
    assert (found.counts, found.sampled, found.attrs) == (whole.counts, whole.sampled, whole.attrs)
    assert [*map(repr, found.histories.values())] == [*map(repr, whole.histories.values())]
    assert found.best.number == whole.best.number
    assert answer_of(found, store, None) == answer_of(whole, store, None)
