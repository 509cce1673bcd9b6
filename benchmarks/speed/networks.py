"""The networks that every contender trains: `params` holds width and rate."""

from collections.abc import Mapping
from typing import Any

import keras
from speed.grid import ELSEWHERE

L = keras.layers
WORDS = 5_000


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


def bilstm(params: Mapping[str, Any], spec: Any) -> keras.Model:
    """Words, an LSTM in both directions, dropout behind each."""
    rate = params.get("given", 0.5)
    ids = keras.Input(spec.input_shape, dtype="int32")
    x = L.Dropout(ELSEWHERE)(L.Embedding(WORDS, 32, mask_zero=True)(ids))
    x = L.Dropout(rate)(L.Bidirectional(L.LSTM(params["width"]))(x))
    return keras.Model(ids, L.Dense(spec.n_outputs, "softmax")(x))


def transformer(params: Mapping[str, Any], spec: Any) -> keras.Model:
    """Words and their places, two blocks, dropout in attention and behind each branch."""
    rate, (length,) = params.get("given", 0.5), spec.input_shape
    ids = keras.Input((length,), dtype="int32")
    x = L.Embedding(WORDS, 32)(ids) + L.Embedding(length, 32)(keras.ops.arange(length))
    for _ in range(2):
        attended = L.MultiHeadAttention(2, 16, dropout=ELSEWHERE)(x, x)
        x = L.LayerNormalization()(x + L.Dropout(rate)(attended))
        inner = L.Dense(32)(L.Dense(params["width"], "relu")(x))
        x = L.LayerNormalization()(x + L.Dropout(rate)(inner))
    pooled = L.Dropout(rate)(L.GlobalAveragePooling1D()(x))
    return keras.Model(ids, L.Dense(spec.n_outputs, "softmax")(pooled))


def efficientnet(params: Mapping[str, Any], spec: Any) -> keras.Model:
    """Three inverted bottlenecks with squeeze and excitation, stochastic depth, dropout at last."""
    rate, width = params.get("given", 0.5), params["width"]
    images = keras.Input(spec.input_shape)
    x = L.Conv2D(width, 3, 2, "same", use_bias=False)(L.Rescaling(1 / 255)(images))
    x = L.Activation("swish")(L.BatchNormalization()(x))
    for times, stride in ((1, 1), (2, 2), (2, 1)):
        x = _bottleneck(x, times * width, stride)
    x = L.Dropout(rate)(L.GlobalAveragePooling2D()(x))
    return keras.Model(images, L.Dense(spec.n_outputs, "softmax")(x))


def _bottleneck(x: Any, width: int, stride: int) -> Any:
    given, wide = x, 4 * x.shape[-1]
    x = L.Conv2D(wide, 1, use_bias=False)(x)
    x = L.Activation("swish")(L.BatchNormalization()(x))
    x = L.DepthwiseConv2D(3, stride, "same", use_bias=False)(x)
    x = L.Activation("swish")(L.BatchNormalization()(x))
    squeezed = L.GlobalAveragePooling2D(keepdims=True)(x)
    squeezed = L.Conv2D(wide, 1, activation="sigmoid")(
        L.Conv2D(wide // 16 or 1, 1, activation="swish")(squeezed)
    )
    x = L.Conv2D(width, 1, use_bias=False)(x * squeezed)
    x = L.BatchNormalization()(x)
    if given.shape != x.shape:
        return x
    return given + L.Dropout(ELSEWHERE, noise_shape=(None, 1, 1, 1))(x)
