"""A sampler is given what it needs of other trials, and nothing else is read."""

import itertools

import optuna
import pytest
import sqlalchemy
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from tuner.storage import known
from tuner.storage.connect import open_storage

RATE = {"rate": FloatDistribution(0.0, 1.0)}


@pytest.fixture
def store(tmp_path, new_store):
    return open_storage(new_store(tmp_path / "store.db"))


@pytest.fixture
def study(store):
    return optuna.create_study(storage=store, study_name="s", direction="maximize")


def ended(value, state=TrialState.COMPLETE, reports=()):
    return create_trial(
        state=state,
        value=value,
        params={"rate": 0.5},
        distributions=RATE,
        intermediate_values=dict(enumerate(reports, start=1)),
        user_attrs={"history": {"val_loss": [1.0]}},
    )


def read(store, study):
    found = known.Known(store.database, study._study_id)
    found.read()
    return found


def test_of_what_has_ended_it_has_params_values_and_the_last_report_of_pruned_trials(store, study):
    study.add_trials([ended(float("inf"), reports=[0.1, 0.2])])
    study.add_trials([ended(None, TrialState.PRUNED, [0.3, 0.4]), ended(None, TrialState.FAIL)])
    first, second, third = read(store, study).all
    assert (first.value, first.params, first.distributions) == (float("inf"), {"rate": 0.5}, RATE)
    assert second.intermediate_values == {2: 0.4}
    assert third.state == TrialState.FAIL
    assert {each.user_attrs.get("history") for each in (first, second, third)} == {None}


def test_a_trial_that_was_waiting_when_later_ones_ran_is_found_once_it_ends(store, study):
    study.add_trials([create_trial(state=TrialState.WAITING)] * 3)
    ids = [each._trial_id for each in study.get_trials(deepcopy=False)]
    store.claim(study._study_id, preferred=[ids[2]])
    found = read(store, study)
    assert [each.state for each in found.all][-1] == TrialState.RUNNING
    elsewhere = open_storage(store.database.engine.url.render_as_string(hide_password=False))
    elsewhere.get_all_trials(study._study_id)
    elsewhere.claim(study._study_id, preferred=[ids[0]])
    elsewhere.set_trial_state_values(ids[0], TrialState.COMPLETE, [0.25])
    store.set_trial_param(ids[2], "rate", 0.5, RATE["rate"])
    store.write()
    found.read()
    assert [each.value for each in found.all if each.number == 0] == [0.25]
    assert [each.params for each in found.all if each.number == 2] == [{"rate": 0.5}]


def test_a_second_look_reads_no_params_again(store, study):
    study.add_trials([ended(0.1)] * 5)
    found, said = read(store, study), []
    sqlalchemy.event.listen(
        store.database.engine, "before_cursor_execute", lambda *given: said.append(given[2])
    )
    found.read()
    assert len(found.all) == 5
    assert [text for text in said if "trial_params" in text] == []


def test_of_many_trials_the_best_and_the_last_are_kept(store, study, monkeypatch):
    monkeypatch.setattr(known, "MOST", 100)
    study.add_trials([ended(float(-abs(number - 90))) for number in range(300)])
    numbers = [each.number for each in read(store, study).few(study.direction)]
    assert len(numbers) == len(set(numbers)) == 100
    assert numbers == sorted(numbers)
    assert {*range(80, 101), *range(275, 300)} <= set(numbers)
    assert max(b - a for a, b in itertools.pairwise(numbers)) <= 6
