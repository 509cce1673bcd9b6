"""Files of models with layers of their owner's."""

import numpy as np
import pytest

import tuner
from tuner import importer
from tuner.errors import UsageError
from tuner.models.opening import load_model

MODULE = """
import keras



class Doubling(keras.layers.Layer):
    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by
        self.drop = keras.layers.Dropout(0.2)

    def call(self, x):
        return self.drop(x * self.by)


def build():
    layers = [Doubling(3.0), keras.layers.Dense(2)]
    return keras.Sequential([keras.Input((3,)), *layers])
"""


def test_a_file_opens_with_the_module_of_its_owner(tmp_path, monkeypatch):
    (tmp_path / "doubling_of_mine.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    model = importer.load("doubling_of_mine:build")()
    model.save("it.keras")
    x = np.ones((2, 3), "float32")
    assert np.array_equal(tuner.load_model("it.keras")(x), model(x))


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_what_is_no_model_is_refused_in_a_line(tmp_path, content):
    path = tmp_path / "it.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"no \.keras file"):
        load_model(path)


def test_a_missing_class_is_named(tmp_path, monkeypatch):
    (tmp_path / "lost_of_mine.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    model = importer.load("lost_of_mine:build")()
    model.save("it.keras")
    monkeypatch.delattr("lost_of_mine.Doubling")
    with pytest.raises(UsageError, match="Doubling"):
        load_model("it.keras")
