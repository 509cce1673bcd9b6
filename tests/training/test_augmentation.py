"""Layers that change images at random: at work in training, and off where a model is judged."""

import keras
import numpy as np
import pytest
from _images import folder, png

from tuner.data import stored
from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

MODEL = """
import keras
L = keras.layers
def build(augment=True):
    layers = [L.RandomFlip(), L.RandomTranslation(0.3, 0.3), L.RandomBrightness(0.5)]
    return keras.Sequential([
        keras.Input((8, 8, 3)), *(layers if augment else []), L.Rescaling(1 / 255),
        L.Conv2D(4, 3, activation="relu"), L.Dropout(0.1), L.Flatten(), L.Dense(2, "softmax"),
    ])
def bare():
    return build(augment=False)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "augmented_model.py").write_text(MODEL)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (40, 8, 8, 3)).astype("uint8")
    folder(tmp_path / "pets", {f"{n % 2}/{n}.png": png(each) for n, each in enumerate(images)})
    return tmp_path


def trained(function):
    table = {"data": "pets", "model": f"augmented_model:{function}", "training": {"epochs": 2}}
    given = StudyDefinition.parse(table | {"space": {"variant": ["standard"]}}, "test")
    resolved = resolve(given, open_dataset(given.data_settings).train_validation)
    trainer, recipes = trainer_of(resolved, resolved.data)
    params = resolved.space.params_of(resolved.space.baseline(0)) | {"variant": "standard"}
    return trainer, trainer.run(recipes.of(params | {"rate": 0.1}), 1), resolved.data.validation


@pytest.mark.parametrize(
    "most", [pytest.param(0, id="rows in a file", marks=pytest.mark.slow), 2**27]
)
def test_judged_without_augmentation_and_trained_with_it(place, monkeypatch, most):
    monkeypatch.setattr(stored, "MOST_BYTES", most)
    trainer, result, judged = trained("build")
    rows = np.asarray(judged.x)
    assert rows.dtype == "uint8"
    layers = [each for each in trainer.model.layers if not each.name.startswith("random_")]
    plain = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    answers = np.asarray(plain(rows, training=False))
    loss = -np.log(answers[np.arange(len(rows)), judged.y]).mean()
    assert result.history[-1]["val_loss"] == pytest.approx(loss, rel=1e-4)
    noisy = [np.asarray(trainer.model(rows, training=True)) for _ in range(2)]
    assert not np.allclose(noisy[0], noisy[1])
    assert not np.allclose(noisy[0], answers)
    assert trained("bare")[1].history[0]["train_loss"] != result.history[0]["train_loss"]
