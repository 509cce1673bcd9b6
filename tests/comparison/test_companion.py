"""The companion study: candidates on fresh seeds, in the store like any trials; the seal."""

import dataclasses
import signal
import time

import numpy as np
import pytest
from _cli import Running, tuner
from _compared import STORE, companion, results
from optuna.trial import TrialState

from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.comparison.companion import companion_name, fresh_seeds
from tuner.comparison.rounds import point
from tuner.comparison.verdict import judge
from tuner.data.loading import open_dataset, open_sealed
from tuner.errors import StoreError
from tuner.storage.connect import open_storage
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read
from tuner.study.studies import definition_of, load_study


def test_seeds_are_fresh_and_the_same_for_all(searched):
    found = results()
    seeds = fresh_seeds(found, 5)
    assert len(set(seeds)) == 5
    assert not set(seeds) & {trial.seed for trial in found.trials}
    assert fresh_seeds(found, 8)[:5] == seeds


def test_a_comparison_is_filled_in_pairs_and_extended(searched):
    found = results()
    made, n = companion(found, 2), len(candidates.choose(found))
    assert made.fill() == 2 * n
    trials = made.study.get_trials()
    assert [trial.user_attrs["seed"] for trial in trials[:n]] == fresh_seeds(found, 1) * n
    assert companion(found, 2).fill() == 2 * n
    assert companion(found, 3).fill() == 3 * n
    assert len({trial.user_attrs["point"] for trial in companion(found, 3).study.trials}) == 3 * n


def test_the_sealed_part_is_judged_and_the_rest_is_trained_on(searched):
    found = results()
    usual, sealed = (
        open_dataset(found.definition.data_settings),
        open_sealed(found.definition.data_settings),
    )
    parts = usual.train_validation
    assert len(sealed.train_validation.train.x) == len(parts.train.x) + len(parts.validation.x)
    assert len(sealed.train_validation.validation.x) == len(usual.test.x)
    assert np.array_equal(np.sort(sealed.train_validation.validation.y), np.sort(usual.test.y))


def test_no_objective_receives_the_test_part(npz):
    """Nothing of a search may meet the rows of the test part."""
    definition = StudyDefinition.parse({"data": str(npz)}, "test")
    dataset = open_dataset(definition.data_settings)
    rows = {row.tobytes() for row in dataset.test.x}
    seen = [*dataset.train_validation.train.x, *dataset.train_validation.validation.x]
    assert not rows & {row.tobytes() for row in seen}
    assert not hasattr(dataset.train_validation, "test")


@pytest.mark.slow
def test_a_candidate_that_fails_with_a_seed_does_not_run_for_ever(searched):
    found = results()
    made, n = companion(found, 2), len(candidates.choose(found))
    store, study_id = made.study.store, made.study.id
    store.claim(study_id)
    trial_id = made.study.get_trials()[0]._trial_id
    store.set_trial_state_values(trial_id, TrialState.FAIL)
    assert made.fill() == 2 * n - 1
    assert tuner("worker", companion_name("mine"), "-q").returncode == 0
    assert results(companion_name("mine")).counts.finished == 2 * n - 1
    store = open_storage(STORE)
    judged = judge(load_study("mine", store), store)
    assert sorted(len(scores) for scores in judged.trials.values()) == [1, *[2] * (n - 1)]
    assert companion(found, 2).fill() == 2 * n


@pytest.mark.slow
def test_workers_run_a_race_to_its_end(searched):
    name = companion_name("mine")
    companion(results(), 8)
    assert tuner("worker", name, "-q").returncode == 0
    done = companion(results(), 8)
    assert done.is_finished
    assert done.before.waiting == 0
    store = open_storage(STORE)
    verdict = judge(load_study("mine", store), store)
    assert verdict.decision.named.n >= 5


@pytest.mark.slow
def test_workers_run_a_comparison_and_a_killed_one_changes_nothing(searched):
    found = results()
    made = companion(found, 3)
    made.fill()
    worker = ("worker", "-q", "--heartbeat", "1")
    victim = Running(*worker)
    until = time.monotonic() + 60
    while not results(companion_name("mine")).counts.complete:
        assert time.monotonic() < until
        time.sleep(0.1)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert tuner(*worker).returncode == 0
    trained = results(companion_name("mine"))
    assert trained.counts.complete == 3 * len(candidates.choose(found))
    seeds = trained.attrs["seeds"]
    wanted = {point(f["params"], seed) for f in trained.attrs["finalists"] for seed in seeds}
    study = load_study(companion_name("mine"), open_storage(STORE))
    assert {trial.user_attrs["point"] for trial in study.trials} == wanted
    for number in (0, 5, 8):
        assert run(["replay", companion_name("mine"), str(number)]) == 0


def test_a_study_is_deleted_with_its_comparison(searched):
    found = results()
    companion(found, 2).fill()
    before = {each.study_name for each in open_storage(STORE).get_all_studies()}
    assert {"mine", companion_name("mine")} <= before
    assert run(["delete", "mine", "--yes"]) == 0
    assert not open_storage(STORE).get_all_studies()


def test_a_comparison_of_an_earlier_study_of_the_name_is_refused(searched):
    found = results()
    companion(found, 2)
    stored = {**found.attrs, "data": "other"}
    with pytest.raises(StoreError, match=r"compares an earlier 'mine'.*tuner delete mine/compare"):
        companion(dataclasses.replace(found, attrs=stored), 2)


def test_a_comparison_trains_on_as_many_rows_as_the_search_and_without_its_folds(searched):
    found = results()
    table = found.definition.to_table()
    table["training"] |= {"train_size": 50}
    table["search"] |= {"folds": 3}
    asked = StudyDefinition.parse(table, "test")
    made = companion(dataclasses.replace(found, definition=asked), 2)
    assert attrs.N_TRAIN.of(made.study.user_attrs) == 50
    assert attrs.N_TEST.of(made.study.user_attrs) == 60
    assert definition_of(made.study) == asked.without_folds()
    assert read(made.study).definition.n_steps == 3


@pytest.mark.slow
def test_a_comparison_that_an_earlier_version_trained_on_other_rows_is_refused(searched):
    found = results()
    attrs.N_TRAIN.set(companion(found, 2).study, 12_500)
    with pytest.raises(StoreError, match=r"compares an earlier 'mine'.*tuner delete mine/compare"):
        companion(found, 2)
    refused = tuner("worker", companion_name("mine"), "-q")
    assert "was trained on 12500 rows by an earlier tuner, it would be on 240 now" in refused.stderr
