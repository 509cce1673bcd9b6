"""Rows in files train to the values of the same rows in memory, and are judged as these."""

import pytest
from _trials import Trials

from tuner.data import stored
from tuner.data.loading import open_dataset
from tuner.schema import ends
from tuner.study.definition import StudyDefinition
from tuner.training.batches import Arrays, Stored

LOADER = """
import numpy as np
def mapped(name, array):
    np.save(name, array)
    return np.load(name, mmap_mode="r")
def rows(n=200):
    generator = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = generator.normal(size=(n, 6)) + 1.5 * np.eye(3)[y] @ generator.normal(size=(3, 6))
    return x, y
def classes():
    x, y = rows()
    return mapped("x.npy", x.astype("float32")), y
def numbers():
    x, y = rows()
    return mapped("x.npy", x), x @ np.arange(12.0).reshape(6, 2)
def weighted():
    x, y = rows()
    return mapped("x.npy", x), y, 1.0 + np.arange(len(y)) % 2
def images():
    x, y = rows()
    pixels = np.clip(40 * x + 128, 0, 255).astype("uint8").repeat(6, axis=1)
    return mapped("x.npy", pixels.reshape(-1, 6, 6, 1)), y
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mapped_data.py").write_text(LOADER)
    return tmp_path


def trained(function, variant, most, monkeypatch):
    monkeypatch.setattr(stored, "MOST_BYTES", most)
    table = {
        "name": "mapped",
        "data": f"mapped_data:{function}",
        "model": "cnn" if function == "images" else "mlp",
        "space": {"variant": [variant], "width": [8], "depth": 1},
        "training": {"epochs": 2, "batch_size": 50, "learning_rate": 0.01},
    }
    given = StudyDefinition.parse(table, "test")
    trials = Trials(given, open_dataset(given.data_settings).train_validation)
    space = trials.recipes.resolved.space
    params = space.params_of(space.baseline(1)) | {"variant": variant, "rate": 0.2}
    for name, branch in space.branches.items():
        for hp, value in branch.hyperparameters.items():
            if name == variant:
                params[f"{name}.{hp}"] = ends(value.axis)[0]
    result = trials.run(params, 3)
    return result, trials.trainer.assess(), trials.trainer


LONGER = [("classes", "concrete"), ("numbers", "concrete"), ("weighted", "mc"), ("images", "alpha")]
CASES = [("classes", "standard"), *(pytest.param(*c, marks=pytest.mark.slow) for c in LONGER)]


@pytest.mark.parametrize(("function", "variant"), CASES)
def test_values_are_those_of_rows_in_memory(place, monkeypatch, function, variant):
    expected, worth, inside = trained(function, variant, 2**30, monkeypatch)
    found, its_worth, outside = trained(function, variant, 0, monkeypatch)
    assert isinstance(inside._fold.train, Arrays)
    assert isinstance(outside._fold.train, Stored)
    for one, other in zip(expected.history, found.history, strict=True):
        assert other == pytest.approx(one, rel=1e-4, abs=1e-5)
    assert found.value == pytest.approx(expected.value, rel=1e-4)
    assert its_worth.keys() == worth.keys()
    noisy = {name for name in worth if name.startswith("noise_") or name == "selectivity"}
    for name in worth.keys() - noisy:
        assert its_worth[name] == pytest.approx(worth[name], rel=1e-3, abs=1e-4)
    assert outside.clock.seconds["waiting for rows"] > 0


def test_a_model_that_was_trained_on_a_file_is_saved(place, monkeypatch):
    *_, trainer = trained("classes", "standard", 0, monkeypatch)
    trainer.saver()(place / "best.keras")
    assert (place / "best.keras").exists()
