"""Data as a user's function gives them, and as a model of theirs takes them."""

import keras
import numpy as np

from tuner.data._objects import from_object
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings, SplitSettings
from tuner.models.fitting import fit

L = keras.layers
SPARSE = "sparse_categorical_crossentropy"
N = 60
RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(50.0, 9.0, (N, 4))
IDS = RANDOM.integers(0, 20, (N, 6)).astype("int32")
WORDS = np.array(["good film", "bad film", "so so"] * (N // 3))
PIXELS = RANDOM.integers(0, 256, (N, 8, 8, 3)).astype("uint8")
CLASSES = np.arange(N) % 3
LABELS = (RANDOM.random((N, 4)) < 0.4).astype("int64")
LABELS[:2] = [[0, 0, 0, 0], [1, 1, 1, 1]]


def dataset(loaded, task=None, folds=1, **split):
    """What `load()` gave, checked and split, for a model that is not ours."""
    split = SplitSettings(**split)
    settings = DataSettings("mine", task=task, split=split, folds=folds, as_given=True)
    return prepare(from_object(loaded, "mine"), settings)


def fitted(model, loaded, task=None, folds=1, **split):
    """That in the form that `model` takes."""
    data = dataset(loaded, task, folds, **split).train_validation
    return fit(model, data, SplitSettings(**split), "mine", "my:net")


def net(shape, *layers, dtype="float32", compiled=None):
    """A Sequential model."""
    model = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
    if compiled is not None:
        model.compile(loss=compiled)
    return model


def classifier(shape=(4,), **how):
    """One of three classes."""
    return net(shape, L.Flatten(), L.Dense(3, "softmax"), **how)


def two_outputs(**loss):
    x = keras.Input((4,))
    outputs = {"kind": L.Dense(3, "softmax", name="kind")(x), "price": L.Dense(1, name="price")(x)}
    model = keras.Model(x, outputs)
    model.compile(loss=loss or {"kind": SPARSE, "price": "mse"})
    return model
