"""Models with sites, and variants at given values."""

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.schema import VARIANTS

L = keras.layers

VALUES = {
    "rate": 0.4,
    "shape": "linear_down",
    "target_fraction": 0.5,
    "drop_prob": 0.6,
    "n_train": 100,
    "n_steps": 100,
    "task": "regression",
}


def variant(name):
    return importer.load(VARIANTS[name])


def dense():
    return keras.Sequential(
        [keras.Input((5,)), L.Dense(4, activation="relu"), L.Dropout(0.3, name="mark"), L.Dense(2)]
    )


def convolutional():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(4, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Dropout(0.3),
            L.Flatten(),
            L.Dense(6),
            L.Activation("relu"),
            L.GaussianDropout(0.2),
            L.Dense(2),
        ]
    )


def branched():
    x = inputs = keras.Input((5,))
    noisy = L.Dropout(0.1, name="input_mark")(inputs)
    left = L.Dropout(0.2)(L.Dense(5, activation="tanh")(noisy))
    x = L.Dropout(0.3)(L.BatchNormalization()(L.Dense(5, activation="relu")(L.Add()([x, left]))))
    return keras.Model(inputs, L.Dense(2)(x))


def nested():
    inner = keras.Sequential([keras.Input((5,)), L.Dense(5, activation="relu"), L.Dropout(0.3)])
    inputs = keras.Input((5,))
    return keras.Model(inputs, L.Dense(2)(inner(L.Dense(5)(inputs))))


def recurrent():
    return keras.Sequential(
        [
            keras.Input((6, 3)),
            L.LSTM(4, return_sequences=True),
            L.Dropout(0.3),
            L.LSTM(4),
            L.Dense(2),
        ]
    )


MODELS = [dense, convolutional, branched, nested, recurrent]

every_model = pytest.mark.parametrize("make", MODELS)

WEIGHT_NOISE = ["dropconnect", "targeted"]

FITS = {"concrete": [dense, convolutional, nested], "variational": [dense, convolutional, nested]}


def some_rows(model, n=7):
    return np.random.default_rng(0).normal(size=(n, *model.input_shape[1:])).astype("float32")
