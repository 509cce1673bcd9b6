"""A build function that seeds itself is noticed, one that draws or loads a part is not."""

import keras
import numpy as np
import pytest
from _compiled import L, features, of_parts, trained

from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition
from tuner.workers.seeding import begins_the_same, notes_on_seeds

X = features()
DATA = of_parts(X, (X[:, 0] > 0).astype("int32"), task="classification")


def build():
    layers = [L.Dense(8, activation="relu"), L.BatchNormalization(), L.Dropout(0.5), L.Dense(2)]
    return keras.Sequential([keras.Input((6,)), *layers])


def seeded():
    keras.utils.set_random_seed(42)
    return build()


def partly_loaded():
    model = build()
    model.layers[0].set_weights([np.ones((6, 8)) * np.arange(8), np.zeros(8)])
    return model


@pytest.mark.parametrize(
    ("function", "same"), [(build, False), (seeded, True), (partly_loaded, False)]
)
def test_two_builds_tell_whether_it_seeds_itself(function, same):
    assert begins_the_same(function) == same


def notes(function, *, is_compared=False, **training):
    definition = StudyDefinition.parse({"model": "own:build", "training": training}, "test")
    return notes_on_seeds(definition, function, is_compared=is_compared)


def test_it_is_said_and_refused_in_a_comparison_unless_weights_are_kept():
    assert "the same weights at first under every seed" in notes(seeded)[0]
    with pytest.raises(UsageError, match="no fresh seeds to compare on"):
        notes(seeded, is_compared=True)
    assert (
        "the order of its rows and its noise" in notes(seeded, is_compared=True, weights="keep")[0]
    )
    assert notes(build, is_compared=True) == ()


def test_noise_follows_the_seed_of_a_trial_whatever_the_function_sets():
    def run(function, rate, **settings):
        from tuner import importer
        from tuner.training.recipe import Recipe
        from tuner.training.settings import TrainingSettings
        from tuner.training.trainer import Trainer

        trainer = Trainer(DATA, "accuracy")
        given = TrainingSettings(epochs=1, batch_size=136, **settings)
        standard = importer.load("tuner.dropout.standard:VARIANT")
        recipe = Recipe(function, standard, {"rate": rate}, given)
        return [trainer.run(recipe, seed).history[0]["train_loss"] for seed in (1, 2, 1)]

    one, other, again = run(seeded, 0.5, weights="keep")
    assert one == again != other
    one, other, _ = run(seeded, 0.0, weights="keep")
    assert one == pytest.approx(other, rel=1e-5)


def test_a_frozen_layer_stays_as_it_is():
    def frozen():
        model = partly_loaded()
        model.layers[0].trainable = False
        return model

    trainer, _ = trained(frozen, DATA, "accuracy", weights="keep")
    assert trainer.model.layers[0].get_weights()[0] == pytest.approx(
        partly_loaded().get_weights()[0]
    )
    assert trainer.model.layers[-1].get_weights()[0] != pytest.approx(frozen().get_weights()[-2])
