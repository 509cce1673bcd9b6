"""A search from its definition to its results, on tiny data."""

import math
import socket
from types import SimpleNamespace

import keras
import numpy as np
import optuna
import pytest
from _searches import FIVE, Watch, run
from optuna.trial import TrialState

from tuner.data.loading import open_dataset
from tuner.errors import BudgetError, StoreError, TunerError
from tuner.storage import lease
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import definition_of, load_study
from tuner.study.trial_queue import claim, count
from tuner.workers.following import Leader
from tuner.workers.leader import _hand_back, search
from tuner.workers.messages import SearchRequest


def rows(results):
    return [(t.number, t.state, t.value, dict(t.params)) for t in results.trials]


def test_a_search_finishes_as_many_trials_as_asked(finished):
    assert finished.counts.finished == 6
    assert [trial.number for trial in finished.trials] == list(range(6))


@pytest.mark.slow
def test_the_first_trials_are_the_baselines_with_the_middle_of_the_rest(place, tiny):
    none, standard = run(place, tiny, space__width=[8, 16], search__trials=2)[0].trials
    assert none.params == {"variant": "none", "rate": 0.0, "width": 16, "depth": 1}
    assert standard.params == {"variant": "standard", "rate": 0.5, "width": 16, "depth": 1}


@pytest.mark.slow
def test_every_variant_is_tried_once_and_never_pruned_at_first(place, tiny):
    flags = {"search__trials": 5, "training__epochs": 6, "space__variant": FIVE}
    first = run(place, tiny, **flags)[0].trials
    assert [t.variant for t in first] == FIVE
    assert all(t.state == "COMPLETE" and t.role for t in first)


def test_the_same_command_again_starts_no_trial(place, tiny, finished):
    after, watch = run(place, tiny)
    assert watch.numbers == []
    assert rows(after) == rows(finished)


@pytest.mark.slow
def test_more_trials_complete_the_study(place, tiny, finished):
    assert run(place, tiny, search__trials=8)[1].numbers == [6, 7]
    assert run(place, tiny, add=1)[1].numbers == [8]


@pytest.mark.slow
def test_an_interrupted_search_goes_on_to_the_same_trials(place, tiny, finished_folder):
    interrupted = Watch(interrupt_at=(4, 2))
    with pytest.raises(KeyboardInterrupt):
        run(place, tiny, watch=interrupted)
    study = load_study("tiny", open_storage(f"sqlite:///{place}/store.db"))
    assert [t.state.name for t in study.trials].count("RUNNING") == 0
    undisturbed = load_study("tiny", open_storage(f"sqlite:///{finished_folder}/store.db"))
    results, watch = run(place, tiny)
    assert rows(results) == rows(read(undisturbed))
    told = interrupted.numbers + watch.numbers
    assert [n for n in told if n != 4] == [0, 1, 2, 3, 5]  # its worker may have ended it untold


def test_an_interrupt_is_not_hidden_by_a_store_that_fails_after_it(place, tiny, monkeypatch):
    def fail(*_given, **_more):
        raise StoreError("this session is in the midst of a commit")

    class Broken(Watch):
        def epoch(self, number, epoch, value):
            monkeypatch.setattr("tuner.workers.leader.requeue_dead", fail)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(place, tiny, watch=Broken())


def test_trials_that_ended_together_are_counted_one_by_one(place, tiny, finished):
    request, watch = SearchRequest(tiny, f"sqlite:///{place}/store.db", place), Watch()
    study = load_study("tiny", open_storage(request.url))
    study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL))
    queue = SimpleNamespace(study=study, before=count(study), is_finished=False, fill=None)
    Leader(None, queue, watch, deadline=math.inf, budget=6, told={0, 1}).tell()
    assert watch.numbers == [2, 3, 4, 5, 6]
    assert watch.finished == [3, 4, 5, 6, 6]


@pytest.mark.slow
def test_the_trial_of_a_dead_process_runs_again(place, tiny, monkeypatch):
    run(place, tiny, search__trials=3)
    storage = open_storage(f"sqlite:///{place}/store.db")
    study = load_study("tiny", storage)
    study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING))
    monkeypatch.setattr(lease, "this_worker", lambda: f"{socket.gethostname()}:{2**22 + 1}")
    trial = claim(study, definition_of(study))
    results, _ = run(place, tiny, search__trials=4)
    assert results.trials[trial.number].state in ("COMPLETE", "PRUNED")
    again = load_study("tiny", open_storage(f"sqlite:///{place}/store.db"))
    assert again.trials[trial.number].user_attrs["attempts"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "state"),
    [(StoreError("gone"), TrialState.RUNNING), (KeyboardInterrupt(), TrialState.WAITING)],
    ids=["the store", "an interrupt"],
)
def test_a_store_that_has_failed_is_not_asked_again_at_the_end(
    place, tiny, monkeypatch, error, state
):
    run(place, tiny, search__trials=1)
    url = f"sqlite:///{place}/store.db"
    study = load_study("tiny", open_storage(url))
    study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING))
    monkeypatch.setattr(lease, "this_worker", lambda: f"{socket.gethostname()}:{2**22 + 1}")
    trial = claim(study, definition_of(study))
    _hand_back(study, type(error), error, None)
    again = load_study("tiny", open_storage(url))
    assert again.trials[trial.number].state == state


@pytest.mark.slow
def test_a_study_in_which_all_fail_ends(place, tiny):
    """Five are enough; the worker may have begun others before the leader has seen them."""
    with pytest.raises(TunerError, match=r"all ([5-9]|1\d) trials failed.*out of luck") as error:
        run(place, tiny, model="worker_model:build", space__width=[16, 17])
    assert error.value.exit_code == 1


def test_out_of_time_hands_the_trial_back(place, tiny):
    with pytest.raises(BudgetError, match="of 6 trials finished: out of time"):
        run(place, tiny, timeout=0)
    study = load_study("tiny", open_storage(f"sqlite:///{place}/store.db"))
    assert {t.state.name for t in study.trials} == {"WAITING"}


@pytest.mark.slow
def test_a_search_with_a_rate_for_each_place_repeats_and_can_prune(place, tiny):
    flags = {"space__per_site_rate": True, "space__depth": [1, 2], "search__trials": 8}
    results, _ = run(place, tiny, **flags)
    chosen = next(t.params for t in results.trials if t.variant == "gaussian")
    assert {"rate.0", "rate.1"} <= set(chosen)
    assert results.counts.failed == 0
    assert run(place, tiny, **flags)[1].numbers == []


def test_the_best_model_opens_with_keras_and_gives_the_recorded_value(place, tiny, finished):
    data = np.load(tiny.data)
    validation = open_dataset(tiny.data_settings).train_validation
    raw = validation.validation.x * validation.scaling.scale + validation.scaling.mean
    model = keras.saving.load_model(place / "out" / "best.keras")
    accuracy = model.evaluate(raw, validation.validation.y, verbose=0)[1]
    assert accuracy == pytest.approx(finished.best.value, abs=1e-6)
    assert model.predict(data["x"][:5], verbose=0).shape == (5, 3)


def test_a_changed_definition_is_refused_by_name(place, tiny, finished):
    with pytest.raises(StoreError, match=r"training.epochs was 3, now 4.*give --name"):
        run(place, tiny, training__epochs=4)


def test_changed_data_are_refused(place, tiny, finished):
    arrays = dict(np.load(tiny.data))
    arrays["x"][0, 0] += 1
    np.savez(tiny.data, **arrays)
    with pytest.raises(StoreError, match="the data are others"):
        run(place, tiny)


def test_the_store_holds_the_resolved_definition(place, tiny):
    run(place, tiny, few={}, search__trials=1)
    stored = definition_of(load_study("tiny", open_storage(f"sqlite:///{place}/store.db")))
    assert stored.metric == "accuracy"
    assert "gaussian" in stored.space.variant


def test_a_bad_store_is_found_before_anything_trains(place, tiny):
    watch = Watch()
    with pytest.raises(StoreError, match="does not exist"):
        search(SearchRequest(tiny, f"sqlite:///{place}/nowhere/store.db", place), watch)
    assert watch.epochs == []


@pytest.mark.slow
def test_a_regression_needs_no_flag(place, tiny):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 3))
    np.savetxt("r.csv", np.c_[x, 50 + x @ [3, 2, 1]], delimiter=",", header="a,b,c,t", comments="")
    results, _ = run(place, tiny, data="r.csv", training__epochs=30)
    assert (results.metric, results.direction) == ("rmse", "minimize")
    assert results.best.value < 4
    model = keras.saving.load_model(place / "out" / "best.keras")
    assert abs(model.predict(x.astype("float32"), verbose=0).mean() - 50) < 2
