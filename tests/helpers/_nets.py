"""Small models and their data, trained."""

import keras
import numpy as np

from tuner import importer
from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.dropout.rebuild import rebuild
from tuner.schema import VARIANTS
from tuner.study.definition import StudyDefinition, Training
from tuner.training import loop
from tuner.training.batches import Arrays
from tuner.training.program import Program

L = keras.layers


def train_validation(task="classification", n=240, n_targets=1):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(n, 6)).astype("float32")
    y = (x[:, 0] > 0).astype(int) if task == "classification" else 100 + 5 * x[:, 0]
    if n_targets == 2:
        y = np.column_stack([y, 0.01 * x[:, 1]]) + [2.0, 0.01] * generator.normal(size=(n, 2))
    definition = StudyDefinition.parse({"task": task}, "test")
    return prepare(RawData(x, y), definition.data_settings).train_validation


def model(outputs=2, activation="softmax", mark=True):
    keras.utils.set_random_seed(1)
    marks = [L.Dropout(0.5)] if mark else []
    layers = [L.Dense(32, activation="relu"), *marks, L.Dense(outputs, activation=activation)]
    return keras.Sequential([keras.Input((6,)), *layers])


def rebuilt(name="standard", rate=0.5, *, of=None, **values):
    variant = importer.load(VARIANTS[name])
    defaults = {"rate": rate, "shape": "linear_down", "n_train": 100, "n_steps": 100}
    defaults["task"] = "classification"
    return rebuild(of or model(), variant, {**defaults, **values})


def train(program, data, epochs=3, seed=0, learning_rate=0.01, on_epoch=None):
    history = []
    loop.train_program(
        program,
        Arrays.of(data.train),
        Arrays.of(data.validation),
        Training(epochs=epochs, batch_size=50, learning_rate=learning_rate),
        seed=seed,
        on_epoch=on_epoch or (lambda epoch, metrics: history.append(metrics)),
    )
    return history


def program(first, data=None, metric="accuracy", optimizer="adam"):
    settings = Training(optimizer=optimizer)
    return Program(first, data or train_validation(), metric=metric, settings=settings)
