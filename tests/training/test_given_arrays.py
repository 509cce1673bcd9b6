"""Arrays as people have them, from a file to a trained model: nothing is lost on the way."""

import numpy as np
import pytest

from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (80, 8, 8)).astype("uint8")
LABELS = RNG.integers(0, 3, 80)
EMBEDDING = """
import keras
L = keras.layers

def build():
    layers = [L.Embedding(100, 8), L.Flatten(), L.Dense(32, "relu"), L.Dropout(0.2)]
    return keras.Sequential([keras.Input((20,)), *layers, L.Dense(2, "softmax")])
"""


def parity_tokens():
    """Ids 0 to 99 whose parity tells the class, nine times in ten: no order of them does."""
    half = RNG.integers(0, 2, 800)
    parity = RNG.random((800, 20)) < 0.9
    ids = 2 * RNG.integers(0, 50, (800, 20)) + (half[:, None] == parity)
    return {"x": ids.astype("int32"), "y": half}


def searched(place, arrays, model, epochs=1, **table):
    """The resolved study of an .npz, and the value of no dropout."""
    np.savez(place / "mine.npz", **arrays)
    training = {"epochs": epochs, "batch_size": 32, **table.pop("training", {})}
    space = {
        "variant": ["none", "standard"],
        **({"width": 4, "depth": 1} if ":" not in model else {}),
    }
    given = {"data": str(place / "mine.npz"), "model": model, "space": space, "training": training}
    definition = StudyDefinition.parse({**given, **table}, "test")
    resolved = resolve(definition, open_dataset(definition.data_settings).train_validation)
    trainer, recipes = trainer_of(resolved, resolved.data)
    result = trainer.run(recipes.of(resolved.space.params_of(resolved.space.baseline(0))), 0)
    return resolved, result.value


@pytest.mark.parametrize("dtype", ["int32", "uint16", "float64"])
def test_tokens_reach_an_embedding_as_they_are(dtype, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "embedding_of_tokens.py").write_text(EMBEDDING)
    arrays = parity_tokens()
    arrays["x"] = arrays["x"].astype(dtype)
    resolved, value = searched(tmp_path, arrays, "embedding_of_tokens:build", epochs=12)
    assert set(np.unique(resolved.data.train.x)) <= set(range(100))
    assert value > 0.95
    why = "the model has a Embedding layer" if dtype == "float64" else "they are whole numbers"
    assert f"rows stay as they are: {why}" in resolved.notes


def test_tokens_that_are_standardized_teach_nothing(tmp_path):
    _, value = searched(tmp_path, parity_tokens(), "mlp", epochs=12)
    assert value < 0.8


SOFT = np.eye(3)[LABELS] * 0.9 + 0.1 / 3
LABELS_OF_A_ROW = (RNG.random((80, 3)) > 0.5).astype(int)
CASES = {
    "grey floats": ({"x": IMAGES / 255, "y": LABELS}, "cnn", "classification", "accuracy"),
    "grey bytes": ({"x": IMAGES, "y": LABELS}, "cnn", "classification", "accuracy"),
    "soft labels": ({"x": IMAGES, "y": SOFT}, "mlp", "classification", "accuracy"),
    "one-hot": ({"x": IMAGES, "y": np.eye(3)[LABELS]}, "mlp", "classification", "accuracy"),
    "several labels": ({"x": IMAGES, "y": LABELS_OF_A_ROW}, "mlp", "multilabel", "f1"),
    "several flags": ({"x": IMAGES, "y": LABELS_OF_A_ROW > 0}, "cnn", "multilabel", "f1"),
    "whole floats": ({"x": IMAGES, "y": LABELS + 0.0}, "mlp", "classification", "accuracy"),
    "two targets": ({"x": IMAGES, "y": RNG.normal(size=(80, 2))}, "mlp", "regression", "rmse"),
    "weights": (
        {"x": IMAGES, "y": LABELS, "sample_weight": np.arange(80)},
        "mlp",
        "classification",
        "accuracy",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_arrays_are_what_they_are(case, tmp_path):
    arrays, model, task, metric = CASES[case]
    resolved, value = searched(tmp_path, arrays, model)
    assert (resolved.data.spec.task, resolved.definition.metric) == (task, metric)
    assert resolved.definition.task == task
    assert np.isfinite(value)
    assert resolved.notes[0].startswith(f"task {task}: ")


def test_rows_to_validate_on_are_those_of_the_file(tmp_path):
    arrays = {"x_train": IMAGES[:40], "y_train": LABELS[:40], "x_val": IMAGES[40:60]}
    arrays |= {"y_val": LABELS[40:60], "x_test": IMAGES[60:], "y_test": LABELS[60:]}
    resolved, _ = searched(tmp_path, arrays, "mlp")
    np.testing.assert_array_equal(resolved.data.validation.y, LABELS[40:60])
    assert resolved.data.n_train == 40
    assert "parts as the data bring: 40 train, 20 validation, 20 test rows" in resolved.notes
