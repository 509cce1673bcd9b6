"""A training on every fold: one program for all, each on its own rows, and their means."""

from dataclasses import replace

import numpy as np
import pytest
from _nets import model

from tuner import importer
from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings
from tuner.schema import VARIANTS
from tuner.training.folds import fold_seed, together, train_folds
from tuner.training.settings import TrainingSettings
from tuner.training.trainer import Recipe, Trainer

STANDARD = importer.load(VARIANTS["standard"])


def recipe():
    settings = TrainingSettings(epochs=2, batch_size=50)
    return Recipe(lambda: model(1, None), STANDARD, {"rate": 0.2}, settings)


@pytest.fixture
def data():
    x = np.random.default_rng(0).normal(size=(200, 6)).astype("float32")
    y = np.exp(2 * x[:, 0])  # of another deviation in each fold
    return prepare(RawData(x, y), DataSettings("made up", folds=3)).train_validation


def test_a_fold_trains_as_it_does_alone_with_its_seed(data):
    trainer, results = Trainer(data, "rmse"), []
    train_folds(trainer, recipe(), 5, after_fold=lambda found: results.append(found[-1]))
    for fold, result in enumerate(results):
        alone = Trainer(replace(data.folds[fold], later_folds=()), "rmse")
        assert alone.run(recipe(), fold_seed(5, fold)) == result
    assert len({result.value for result in results}) == 3


def test_all_folds_share_one_program(data):
    trainer = Trainer(data, "nll")
    train_folds(trainer, recipe(), 0)
    assert trainer.clock.seconds["compile"] > 0
    (program,) = trainer._programs.values()
    assert program.n_traces == 2


def test_what_they_come_to_is_their_means(data):
    trainer, results = Trainer(data, "rmse"), []
    found = train_folds(trainer, recipe(), 0, after_fold=lambda each: results.append(each[-1]))
    assert found == together(results)
    for name in ("value", "train_value"):
        assert getattr(found, name) == pytest.approx(np.mean([getattr(r, name) for r in results]))
    assert found.history[1]["val_loss"] == pytest.approx(
        np.mean([result.history[1]["val_loss"] for result in results])
    )
    assert [found.measured[f"fold_{n}"] for n in range(3)] == [result.value for result in results]
    assert together(results[:1]).value == results[0].value


def test_folds_that_are_done_are_not_trained_again(data):
    trainer, results, seen = Trainer(data, "rmse"), [], []
    whole = train_folds(trainer, recipe(), 0, after_fold=lambda found: results.append(found[-1]))
    again = train_folds(trainer, recipe(), 0, lambda *epoch: seen.append(epoch), done=results[:2])
    assert again == whole
    assert len(seen) == 2
