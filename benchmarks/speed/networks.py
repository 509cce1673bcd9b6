"""The networks that every contender trains: `params` holds width and rate."""

from collections.abc import Mapping
from typing import Any

import keras

L = keras.layers


def mlp(params: Mapping[str, Any], spec: Any) -> keras.Model:
    """Two hidden layers with dropout behind each."""
    layers = []
    for _ in range(2):
        layers += [L.Dense(params["width"], "relu"), L.Dropout(params.get("given", 0.5))]
    flat = [L.Flatten()] if len(spec.input_shape) > 1 else []
    last = L.Dense(spec.n_outputs, "softmax")
    return keras.Sequential([keras.Input(spec.input_shape), *flat, *layers, last])


def cnn(params: Mapping[str, Any], spec: Any) -> keras.Model:
    """Two convolutions with batch normalization, dropout before each of two dense layers."""
    layers = []
    for times in (1, 2):
        layers += [L.Conv2D(times * params["width"], 3, padding="same", use_bias=False)]
        layers += [L.BatchNormalization(), L.ReLU(), L.MaxPooling2D()]
    rate = params.get("given", 0.5)
    layers += [L.Flatten(), L.Dropout(rate), L.Dense(64, "relu"), L.Dropout(rate)]
    last = L.Dense(spec.n_outputs, "softmax")
    return keras.Sequential([keras.Input(spec.input_shape), *layers, last])
