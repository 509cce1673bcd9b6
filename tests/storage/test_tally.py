"""What the database counts is what all trials say."""

import math

import _made_studies
import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState, create_trial

from tuner.storage.connect import open_storage
from tuner.storage.tally import best_of_each, states, summaries, tallies
from tuner.study.reading import brief, read
from tuner.study.studies import load_study

WAITING = create_trial(state=TrialState.WAITING)


@pytest.fixture
def study(store_url):
    store = open_storage(store_url)
    attempted = {"attempts": 2} | _made_studies.trial(97).user_attrs
    lost = create_trial(state=TrialState.FAIL, user_attrs=attempted)
    trials = (*(_made_studies.trial(number) for number in range(60)), lost, WAITING)
    _made_studies.study(*trials, store=store)
    return load_study("mine", store)


def test_what_is_told_of_a_study_needs_no_trials_but_the_best(study):
    found = study.store.database.run(lambda each: tallies(each, study.id))
    whole, short = read(study), brief(study, found)
    assert short.counts == whole.counts
    assert short.variants == whole.variants
    assert short.best == whole.best
    assert short.attrs == whole.attrs
    assert [row.number for row in short.trials] == sorted(row.best.number for row in whole.variants)
    assert sum(each.attempts for each in found) == 2
    assert sum(each.seconds for each in found) == pytest.approx(1.5 * 61)
    ended = [row for row in whole.trials if row.is_finished]
    finished = [each for each in found if each.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    assert sum(each.steps for each in finished) == sum(row.n_epochs for row in ended)
    assert study.store.database.run(lambda each: states(each, study.id))[TrialState.WAITING] == 1


@pytest.mark.parametrize("maximize", [True, False])
def test_of_equal_values_the_first_is_the_best_and_infinite_ones_have_their_place(
    store_url, maximize
):
    store = open_storage(store_url)
    made = optuna.create_study(study_name="s", storage=store)
    kind = {"variant": CategoricalDistribution(("a", "b"))}
    for value, variant in ((-math.inf, "b"), (1.0, "b"), (2.0, "a"), (2.0, "a"), (math.inf, "b")):
        given = {"variant": variant}
        made.add_trial(
            create_trial(
                value=value, params=given, distributions=kind, user_attrs={"params": given}
            )
        )
    found = store.database.run(lambda each: best_of_each(each, 1, maximize=maximize))
    assert [trial.number for trial in found] == ([2, 4] if maximize else [0, 2])


def test_studies_are_those_that_optuna_lists(study):
    store = study.store
    optuna.create_study(study_name="empty", storage=store, direction="minimize")
    theirs = [
        (each.study_name, each.n_trials, best and best.value, each.datetime_start)
        for each in optuna.get_all_study_summaries(store)
        for best in (each.best_trial,)
    ]
    assert store.database.run(summaries) == theirs
