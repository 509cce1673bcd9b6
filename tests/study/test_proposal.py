"""What trials train: nothing twice while there is something new, and never other than was kept."""

from collections import Counter
from dataclasses import replace

import optuna
import pytest
from _search_spaces import SPACE as CONDITIONAL
from optuna.trial import TrialState

from tuner.schema import Range
from tuner.storage import sample
from tuner.storage.connect import open_storage
from tuner.study import attrs
from tuner.study.curves.fitting import fit
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.proposal import propose, read_to_learn
from tuner.study.reading import read
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import claim

N_TRIALS = 40
SPACE = SearchSpace(
    axes={"width": (64, 256)},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch(SHARED_RATE, {})},
)
LISTS = SearchSpace(
    axes={"width": (64, 128, 256)},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch((0.1, 0.2), {})},
    rate=(0.1, 0.2),
)


@pytest.fixture
def url(tmp_path, new_store):
    new_store(tmp_path / "store.db2")
    return new_store(tmp_path / "store.db")


def definition(sampler="tpe"):
    return StudyDefinition.parse({"metric": "accuracy", "search": {"sampler": sampler}}, "test")


def queued(url, n_trials, space=SPACE, sampler="tpe"):
    study = open_study(definition(sampler), "abc", open_storage(url))
    fill_queue(study, space, definition(sampler), n_trials)
    return study


def suggested(trial, space, _definition):
    return space.suggest(trial)


def value(params):
    """Dropout only harms, and a little less so in a wide network."""
    return 0.9 + params["width"] / 10_000 - 0.1 * params["rate"]


def run(study, space=SPACE, sampler="tpe", choose=propose):
    found = []
    while (trial := claim(study, definition(sampler))) is not None:
        found.append(choose(trial, space, definition(sampler)))
        attrs.PARAMS.set(trial, found[-1])
        study.tell(trial, value(found[-1]))
    return found


def repeats(found):
    return sum(n - 1 for n in Counter(map(str, found)).values())


def test_without_dropout_each_width_is_tried_once_however_good_it_is(url):
    found = run(queued(url, N_TRIALS))
    assert len(found) == N_TRIALS
    assert [params["width"] for params in found if params["variant"] == "none"] == [256, 64]


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", pytest.param("nsgaii", marks=pytest.mark.zoo)])
def test_samplers_that_learn_repeat_nothing_that_they_would_repeat_without_that(sampler, url):
    repeated = run(queued(url, 100, sampler=sampler), sampler=sampler, choose=suggested)
    assert repeats(repeated) > 25
    found = run(queued(f"{url}2", 100, sampler=sampler), sampler=sampler)
    assert repeats(found) == 0


def test_the_store_has_the_params_that_were_trained(url):
    found = run(queued(url, N_TRIALS))
    kept = open_study(definition(), "abc", open_storage(url)).trials
    assert [SPACE.params_of({"none.rate": 0.0, **trial.params}) for trial in kept] == found


@pytest.mark.slow
def test_what_is_drawn_instead_comes_from_where_values_are_high(url):
    rates = [p["rate"] for p in run(queued(url, 100)) if p["variant"] == "standard"]
    assert sum(rates[-40:]) / 40 < 0.6 * sum(rates[1:11]) / 10


def test_a_space_of_lists_is_used_up_before_anything_comes_again(url):
    found = run(queued(url, 20, LISTS), LISTS)
    assert len(found) == 20
    assert len({str(params) for params in found[:12]}) == 10  # 9 points and the rate of 0.5


def test_a_trial_that_was_handed_back_keeps_its_params(url):
    study = queued(url, 3)
    for _ in range(2):
        trial = claim(study, definition())
        propose(trial, SPACE, definition())
        study.tell(trial, 0.9)
    trial = claim(study, definition())
    params = propose(trial, SPACE, definition())
    same = trial.params, trial.distributions
    study.store.write()
    study.store.release()
    study.add_trial(optuna.trial.create_trial(value=0.9, params=same[0], distributions=same[1]))
    again = claim(study, definition())
    assert again.number == 2
    assert propose(again, SPACE, definition()) == params


def test_curves_propose_the_same_again_and_find_the_best(url):
    study = queued(url, N_TRIALS, sampler="curves")
    found = run(study, sampler="curves")
    assert run(queued(f"{url}2", N_TRIALS, sampler="curves"), sampler="curves") == found
    best = fit(read(study)).recommended
    assert (best["width"], best["rate"]) == (256, pytest.approx(0, abs=0.05))


@pytest.mark.slow
@pytest.mark.parametrize("per_site_rate", [False, True])
def test_curves_propose_in_a_conditional_space_on_both_stores(store_url, per_site_rate):
    axes = {"width": (64, 256), "learning_rate": Range(low=1e-4, high=1e-2, log=True)}
    space = replace(CONDITIONAL, axes=axes, sites=(True, False), per_site_rate=per_site_rate)
    found = run(queued(store_url, 12, space, "curves"), space, "curves")
    kept = open_study(definition("curves"), "abc", open_storage(store_url)).trials
    named = [{**attrs.BASELINE_PARAMS.of(each.user_attrs), **each.params} for each in kept]
    assert [space.params_of({"none.rate": 0.0, "depth": 2, **each}) for each in named] == found
    assert len({params["learning_rate"] for params in found}) > 3


def test_a_trial_that_curves_proposed_keeps_its_params(url):
    study = queued(url, 6, sampler="curves")
    for _ in range(5):
        trial = claim(study, definition("curves"))
        params = propose(trial, SPACE, definition("curves"))
        attrs.PARAMS.set(trial, params)
        study.tell(trial, value(params))
    trial = claim(study, definition("curves"))
    params = propose(trial, SPACE, definition("curves"))
    study.store.write()
    study.store.release()
    assert propose(claim(study, definition("curves")), SPACE, definition("curves")) == params


def test_random_trials_do_not_depend_on_other_trials(url):
    found = run(queued(url, N_TRIALS, sampler="random"), sampler="random")
    assert repeats(found) > 0
    last = queued(f"{url}2", N_TRIALS, sampler="random")
    for trial in last.get_trials(deepcopy=False)[:-1]:
        last._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
    assert run(last, sampler="random") == found[-1:]


def test_what_another_worker_trains_counts_as_tried(url):
    study = queued(url, N_TRIALS)
    elsewhere = open_study(definition(), "abc", open_storage(url))
    params = SPACE.suggest(claim(elsewhere, definition()))
    elsewhere._storage.write()
    found = run(study)
    assert params == {"variant": "none", "rate": 0.0, "width": 256}
    assert repeats([*found, params]) == 0


@pytest.mark.parametrize(("sampler", "n_read"), [("curves", 3), ("tpe", 3), ("nsgaii", 10)])
def test_a_worker_reads_what_its_sampler_learns_from(url, sampler, n_read, monkeypatch):
    monkeypatch.setattr(sample, "MOST", 2)
    study = open_study(definition(sampler), "abc", open_storage(url))
    for number in range(10):
        study.tell(study.ask(), 0.9 if number == 7 else 0.5)
    there = load_study(study.study_name, open_storage(url))
    read_to_learn(there, definition(sampler))
    found = there.get_trials(deepcopy=False)
    assert len(found) == n_read
    assert {each.number for each in found} >= {0, 5, 7}
