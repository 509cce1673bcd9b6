"""The networks of the parts, each with its dropout in one place: a name says where."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers

from tuner.data.spec import Spec

WORDS, LENGTH, DIMENSIONS = 12_000, 40, 100
LONG_EPOCHS, LONG_BATCH = 40, 128
_RATE = 0.5
"""Of the places: what a study puts there replaces it."""

Build = Callable[[Mapping[str, Any], Spec], keras.Model]


def _dropout_if(is_place: bool, x: Any) -> Any:
    return layers.Dropout(_RATE)(x) if is_place else x


def _kim(params: Mapping[str, Any], spec: Spec, *, place: str) -> keras.Model:
    """Kim 2014, CNN-rand: windows of 3, 4, 5 words, the strongest of each map."""
    words, x = _words(spec)
    x = _dropout_if(place in ("embedding", "both"), x)
    strongest = [
        layers.GlobalMaxPooling1D()(layers.Conv1D(params["width"], size, activation="relu")(x))
        for size in (3, 4, 5)
    ]
    x = _dropout_if(place in ("last", "both"), layers.Concatenate()(strongest))
    return _text_model(words, x)


def _lstm(params: Mapping[str, Any], spec: Spec, *, place: str) -> keras.Model:
    """An LSTM in both directions."""
    words, x = _words(spec)
    x = _dropout_if(place == "embedding", x)
    rates = {"recurrent_dropout": _RATE} if place == "recurrent" else {}
    x = layers.Bidirectional(layers.LSTM(params["width"], **rates))(x)
    return _text_model(words, _dropout_if(place == "last", x))


def _words(spec: Spec) -> tuple[Any, Any]:
    """Sentences, and the vectors of their words, which are learned from nothing."""
    sentences = keras.Input((), dtype="string", name="text")
    ids = layers.TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
    ids.adapt(spec.x)
    return sentences, layers.Embedding(WORDS, DIMENSIONS)(ids(sentences))


def _text_model(words: Any, x: Any) -> keras.Model:
    model = keras.Model(words, layers.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    return model


def _images(params: Mapping[str, Any], spec: Spec, *, place: str, normalized: bool) -> keras.Model:
    """Two blocks of two convolutions, with BatchNormalization or not, then a dense layer."""
    x = inputs = keras.Input(spec.input_shape)
    for width in (params["width"], 2 * params["width"]):
        for _ in range(2):
            x = layers.Conv2D(width, 3, padding="same", use_bias=not normalized)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x) if normalized else x)
        x = _dropout_if(place == "inside", layers.MaxPooling2D()(x))
    x = layers.Dense(8 * params["width"], activation="relu")(layers.Flatten()(x))
    x = _dropout_if(place == "behind", x)
    return keras.Model(inputs, layers.Dense(spec.n_outputs, activation="softmax")(x))


def falling(params: Mapping[str, Any], spec: Spec) -> keras.Model:
    """Two ReLU layers, dropout behind both, trained with a learning rate that falls to 0."""
    x = inputs = keras.Input(spec.input_shape)
    x = layers.Flatten()(layers.Rescaling(1 / 255)(x))
    for _ in range(2):
        x = layers.Dropout(_RATE)(layers.Dense(params["width"], activation="relu")(x))
    model = keras.Model(inputs, layers.Dense(spec.n_outputs, activation="softmax")(x))
    steps = LONG_EPOCHS * -(-len(spec.x) // LONG_BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def _uci(params: Mapping[str, Any], spec: Spec, *, before: bool) -> keras.Model:
    """Gal & Ghahramani 2016: one hidden layer of 50 units, dropout behind it, and before."""
    x = inputs = keras.Input(spec.input_shape)
    x = layers.Dense(params["width"], activation="relu")(_dropout_if(before, x))
    return keras.Model(inputs, layers.Dense(spec.n_outputs)(layers.Dropout(_RATE)(x)))


kim_last = functools.partial(_kim, place="last")
kim_embedding = functools.partial(_kim, place="embedding")
kim_both = functools.partial(_kim, place="both")
lstm_last = functools.partial(_lstm, place="last")
lstm_embedding = functools.partial(_lstm, place="embedding")
lstm_recurrent = functools.partial(_lstm, place="recurrent")
plain_inside = functools.partial(_images, place="inside", normalized=False)
plain_behind = functools.partial(_images, place="behind", normalized=False)
normalized_inside = functools.partial(_images, place="inside", normalized=True)
normalized_behind = functools.partial(_images, place="behind", normalized=True)
uci_both = functools.partial(_uci, before=True)
uci_behind = functools.partial(_uci, before=False)
