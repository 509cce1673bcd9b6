"""A trial: its seed, its epochs, its learned rates, and why it failed."""

import time

import optuna
import pytest
from _searches import FIVE, run

from tuner.data.loading import open_dataset
from tuner.storage.connect import open_storage
from tuner.study import attrs
from tuner.study.samplers import trial_seed
from tuner.study.studies import load_study
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve


@pytest.mark.slow
def test_a_rate_that_follows_from_hyperparameters_is_that_of_the_trial(place, tiny):
    results, _ = run(place, tiny, space__variant=["targeted"], search__trials=5)
    found = [t for t in results.trials if t.variant == "targeted"]
    assert len(found) == 3
    for trial in found:
        hps = [trial.params[f"targeted.{name}"] for name in ("target_fraction", "drop_prob")]
        assert trial.rate == pytest.approx(hps[0] * hps[1])


@pytest.mark.slow
def test_learned_rates_are_kept_for_every_epoch_and_the_last_are_the_results(place, tiny):
    variants = ["concrete", "variational"]
    results, _ = run(place, tiny, search__trials=4, space__variant=variants)
    study = load_study("tiny", open_storage(f"sqlite:///{place}/store.db"))
    for name in variants:
        row = next(t for t in results.trials if t.variant == name)
        history = study.trials[row.number].user_attrs["history"]
        rates = {key: values for key, values in history.items() if key.startswith("rate_")}
        assert [len(values) for values in rates.values()] == [3]
        assert row.learned_rates == [values[-1] for values in rates.values()]
        assert 0 < abs(row.learned_rates[0] - row.rate) < 0.3


def test_every_epoch_is_in_the_store(finished):
    first = finished.epochs_of(0)
    assert [row.epoch for row in first] == [1, 2, 3]
    assert first[-1].val_value == finished.trials[0].value
    assert all(row.train_loss > 0 and row.val_loss > 0 for row in first)


def test_seeds_come_from_study_seed_and_trial_number(finished):
    first = [t for t in finished.trials if t.role is not None]
    assert {t.seed for t in first} == {trial_seed(0, 0)}
    others = finished.trials[len(first) :]
    assert [t.seed for t in others] == [trial_seed(0, t.number) for t in others]


def test_a_failing_trial_keeps_its_reason_and_does_not_end_the_study(place, tiny):
    flags = {"space__width": [4, 8, 16], "space__variant": FIVE}
    results, _ = run(place, tiny, model="worker_model:build", **flags)
    failed = [t for t in results.trials if t.state == "FAIL"]
    assert results.counts.finished == 6
    assert failed
    assert all("out of luck" in t.error and "\n" not in t.error for t in failed)


@pytest.mark.slow
def test_a_diverging_trial_fails_with_the_epoch(place, tiny):
    flags = {"training__optimizer": "sgd", "space__learning_rate": [1e-3, 2e-3, 1e30]}
    results, _ = run(place, tiny, search__trials=8, search__seed=2, **flags)
    failed = [t for t in results.trials if t.state == "FAIL"]
    assert failed
    assert all("in epoch" in t.error for t in failed)


def test_a_searched_learning_rate_reaches_the_optimizer(place, tiny):
    flags = {"space__variant": ["none"], "space__width": 8, "search__pruner": "none"}
    results, _ = run(place, tiny, space__learning_rate=[1e-7, 0.05], **flags)
    losses = {
        t.params["learning_rate"]: results.epochs_of(t.number)[-1].val_loss for t in results.trials
    }
    assert losses[0.05] < losses[1e-7]


def test_seconds_are_those_of_the_training_and_not_of_what_is_measured_after_it(tiny, monkeypatch):
    data = open_dataset(tiny.data_settings).train_validation
    objective = Objective(resolve(tiny, data), data)
    assess, began = objective.trainer.assess, []

    def timed():
        began.append(time.perf_counter())
        return assess()

    monkeypatch.setattr(objective.trainer, "assess", timed)
    trial, start = optuna.create_study().ask(), time.perf_counter()
    attrs.ROLE.set(trial, attrs.CANDIDATE)
    attrs.SEED.set(trial, 1)
    attrs.PARAMS.set(trial, {"variant": "standard", "rate": 0.5, "width": 8, "depth": 2})
    objective(trial)
    assert 0 < attrs.SECONDS.of(trial.user_attrs) <= began[0] - start + 0.001
