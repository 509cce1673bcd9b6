"""A trial on the folds of the data: its value, its pruning, what is left of it when interrupted."""

import shutil
from statistics import fmean

import _tiny
import optuna
import pytest
from _interrupted import Stop, objective_of, run, study_of
from _searches import Watch
from _searches import run as searched

from tuner.data.loading import open_dataset
from tuner.storage.connect import open_storage
from tuner.study import attrs
from tuner.study.studies import load_study
from tuner.study.study_file import override
from tuner.training.folds import fold_seed
from tuner.workers import best_model
from tuner.workers.checkpoint import Checkpoints
from tuner.workers.replay import ensure, replay

FOLDS = {"search.folds": 4, "search.pruner": "none"}


def folds_of(measured):
    return [value for name, value in measured.items() if name.startswith("fold_")]


@pytest.fixture(scope="module")
def pruned_search(tmp_path_factory, store_template):
    """A search with folds that has pruned some of its trials: its folder, results and listener."""
    folder, watch = tmp_path_factory.mktemp("folds"), Watch()
    shutil.copy(store_template, folder / "store.db")
    definition = _tiny.definition_of(_tiny.three_classes(folder / "three.npz"))
    results, _ = searched(folder, definition, watch=watch, search__folds=4, search__trials=10)
    return folder, results, watch


@pytest.fixture
def cut(pruned_search):
    return pruned_search[1]


@pytest.fixture
def stored(pruned_search):
    """Its study."""
    return load_study("tiny", open_storage(f"sqlite:///{pruned_search[0]}/store.db"))


def test_the_value_of_a_trial_is_the_mean_over_its_folds(cut):
    whole = [row for row in cut.trials if row.state == "COMPLETE"]
    for row in whole:
        assert len(folds_of(row.measured)) == 4
        assert row.value == fmean(folds_of(row.measured))
        assert row.train_value == fmean(row.measured[f"train_fold_{n}"] for n in range(4))
        epochs = cut.epochs_of(row.number)
        assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
        assert epochs[-1].val_value == pytest.approx(row.value)
        assert row.n_epochs == 4 * 3
    assert len({len(set(folds_of(row.measured))) for row in whole}) > 1
    assert attrs.N_VALIDATION.of(cut.attrs) == 240
    assert attrs.N_TRAIN.of(cut.attrs) == 180


def test_a_trial_is_pruned_after_a_fold_by_the_mean_so_far(cut, stored):
    pruned = [row for row in cut.trials if row.state == "PRUNED"]
    assert pruned
    for row in pruned:
        n = len(folds_of(row.measured))
        assert n < 4
        assert row.n_epochs == n * 3
        assert row.last_value == fmean(folds_of(row.measured))
        assert stored.trials[row.number].last_step == n


def test_trials_with_folds_replay_to_the_same_value(cut, stored):
    for state in ("COMPLETE", "PRUNED"):
        number = next(row.number for row in cut.trials if row.state == state)
        assert replay(stored, number).is_same


def test_the_best_model_is_that_of_the_last_fold(pruned_search, tmp_path):
    folder, results, _ = pruned_search
    files = best_model.files(results, folder / "out")
    assert [file.name for file in files] == ["best.keras", "best.json"]
    assert ensure(results, tmp_path)  # which refuses another value than the recorded one


def test_epochs_count_through_all_folds(pruned_search):
    _, results, watch = pruned_search
    assert watch.n_epochs == 4 * 3
    for row in results.trials:
        epochs = sorted(epoch for number, epoch in watch.epochs if number == row.number)
        assert epochs == list(range(1, row.n_epochs + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop", "left"),
    [
        (3 + 2, [6, 7, 8, 9, 10, 11, 12]),
        (2 * 3, [7, 8, 9, 10, 11, 12]),
        pytest.param(12, [], marks=pytest.mark.slow),
    ],
    ids=["in a fold", "after a fold", "at the end"],
)
def test_an_interrupted_trial_goes_on_in_its_fold_to_the_same_value(place, tiny, stop, left):
    definition = override(tiny, FOLDS)
    dataset, watch = open_dataset(definition.data_settings), Stop(None)
    checkpoints = Checkpoints(place / "checkpoints", every=0)
    first = objective_of(definition, dataset, watch, checkpoints)
    calm, epochs = run(study_of(place, definition, "calm", {}), definition, first, watch)
    assert epochs == list(range(1, 13))
    study = study_of(place, definition, "stopped", {})
    watch.epoch = stop
    value, _ = run(study, definition, first, watch)
    assert (value is None) == bool(left)
    if left:
        watch.epoch = None
        second = objective_of(definition, dataset, watch, checkpoints)
        value, epochs = run(study, definition, second, watch)
        assert epochs == left
        assert study.trials[0].user_attrs["resumed_after_epoch"] == stop
    assert value == calm
    assert not (place / "checkpoints").exists()
    reference = optuna.load_study(study_name="calm", storage=study.store).trials[0]
    trial = study.trials[0]
    assert trial.intermediate_values == reference.intermediate_values
    for key in ("history", "measured"):
        assert trial.user_attrs[key] == reference.user_attrs[key]


def test_a_checkpoint_without_folds_is_of_another_training(place, tiny):
    watch, checkpoints = Stop(2), Checkpoints(place / "checkpoints", every=0)
    for folds, expected in ((1, [1, 2]), (4, [1, 2])):
        definition = override(tiny, FOLDS | {"search.folds": folds})
        dataset = open_dataset(definition.data_settings)
        objective = objective_of(definition, dataset, watch, checkpoints)
        study = study_of(place, definition, f"of {folds}", {})
        assert run(study, definition, objective, watch) == (None, expected)


def test_each_fold_has_a_seed_of_its_own():
    seeds = [fold_seed(trial, fold) for trial in (1, 2) for fold in range(5)]
    assert len(set(seeds)) == 10
    assert (seeds[0], seeds[5]) == (1, 2)
