"""Rounds of a comparison in the store: what is queued follows from what it holds."""

from _compared import STORE, companion, results
from optuna.trial import TrialState

from tuner.comparison import candidates
from tuner.comparison.verdict import judge
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study


def finish(study, value):
    """Complete what waits with these values by candidate and place of the seed."""
    seeds = study.user_attrs["seeds"]
    for _ in study.get_trials(states=(TrialState.WAITING,)):
        trial_id = study.store.claim(study.id)
        own = study.store.get_trial(trial_id).user_attrs
        found = value(own["finalist"], seeds.index(own["seed"]))
        study.store.set_trial_state_values(trial_id, TrialState.COMPLETE, [found])


def test_a_race_is_queued_round_by_round_until_it_is_known(searched):
    found = results()
    made, chosen = companion(found, 16), candidates.choose(found)
    n, n_none = len(chosen), sum(not each.is_dropout for each in chosen)
    assert made.fill() == 2 * n
    finish(made.study, lambda name, place: 0.5 + 0.4 * (name == "gaussian") + place / 1000)
    assert made.fill() == 2 * n + 5 * (1 + min(n_none, 3))
    final = made.study.get_trials(states=(TrialState.WAITING,))
    assert {trial.user_attrs["finalist"] for trial in final} >= {"gaussian", "none"}
    assert companion(found, 16).fill() == made.fill()
    finish(made.study, lambda name, place: 0.5 + 0.4 * (name == "gaussian") + place / 1000)
    done = companion(found, 16)
    assert done.is_finished
    store = open_storage(STORE)
    verdict = judge(load_study("mine", store), store)
    assert verdict.decision.named.candidate.name == "gaussian"
    assert verdict.decision.case == "dropout helps"


def test_more_seeds_after_all_have_had_some_begin_a_race(searched):
    found = results()
    n = len(candidates.choose(found))
    finish(companion(found, 3).study, lambda name, place: 0.5 + place / 1000)
    made = companion(found, 10)
    assert made.study.user_attrs["race"] == [3, 7]
    assert made.before.finished == 3 * n
    assert 3 * n < made.fill() < 9 * n
    assert companion(found, 4).study.user_attrs["seeds"] == made.study.user_attrs["seeds"]


def test_a_budget_ends_a_comparison(searched):
    made = companion(results(), 16, most=3)
    assert made.fill() == 3
    finish(made.study, lambda name, place: 0.5)
    assert companion(results(), 16, most=3).is_finished
    assert not companion(results(), 16).is_finished
