"""`depth` dense ReLU layers of `width` units, a Dropout after each."""

from collections.abc import Mapping
from typing import Any

import keras

from tuner.data.spec import Spec
from tuner.models import HEADS

_MARK_RATE = 0.5


def build(params: Mapping[str, Any], spec: Spec) -> keras.Model:
    """A multilayer perceptron; reads `width` (units) and `depth` (hidden layers)."""
    layers = [keras.Input(spec.input_shape), keras.layers.Flatten()]
    for _ in range(params["depth"]):
        layers += [
            keras.layers.Dense(params["width"], activation="relu"),
            keras.layers.Dropout(_MARK_RATE),
        ]
    head = keras.layers.Dense(spec.n_outputs, activation=HEADS.get(spec.task))
    return keras.Sequential([*layers, head])
