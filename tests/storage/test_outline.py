"""Trials in outline have what the whole trials have."""

import math

import optuna
import pytest
from optuna.trial import TrialState

from tuner.storage.connect import open_storage
from tuner.storage.outline import outlines, sampled

NAMES = ("history", "role")


@pytest.fixture
def study(store_url):
    store = open_storage(store_url)
    optuna.create_study(study_name="other", storage=store).enqueue_trial({"y": 0.5})
    made = optuna.create_study(study_name="s", storage=store)
    for value in (0.25, math.inf, -math.inf, None, None):
        _add(made, value)
    made.enqueue_trial({"x": 0.5})
    return made, store.database


def _add(study, value):
    trial = study.ask()
    trial.suggest_float("x", 0, 1 + trial.number)
    if trial.number < 2:
        trial.suggest_categorical("kind", ("a", None, 3, True))
    for step in range(trial.number):
        trial.report(0.5, 3 * step)
    trial.set_user_attr("history", {"val_loss": [0.25, math.nan]})
    trial.set_user_attr("seed", 1)
    if trial.number != 3:
        trial.set_user_attr("role", "baseline")
        study.tell(trial, value, state=TrialState.COMPLETE if value else TrialState.FAIL)


def test_an_outline_has_what_the_trial_has(study):
    made, database = study
    found = database.ask(outlines, 2, NAMES)
    whole = made.get_trials()
    assert [each.number for each in found] == [each.number for each in whole]
    assert [each.state for each in found] == [each.state for each in whole]
    assert [each.value for each in found] == [each.value for each in whole]
    assert [each.last_step for each in found] == [each.last_step for each in whole]
    attrs = [{k: v for k, v in each.user_attrs.items() if k in NAMES} for each in whole]
    assert repr([each.attrs for each in found]) == repr(attrs)


def test_what_is_compared_has_all_that_there_is(study):
    found = study[1].ask(outlines, 2, NAMES)
    assert {each.state for each in found} == set(TrialState) - {TrialState.PRUNED}
    assert [each.last_step for each in found] == [None, 0, 3, 6, 9, None]


def test_params_were_drawn_from_what_the_last_trial_drew_them_from(study):
    made, database = study
    last = {name: each for trial in made.get_trials() for name, each in trial.distributions.items()}
    assert database.ask(sampled, 2) == last
    assert last["x"].high == 5
