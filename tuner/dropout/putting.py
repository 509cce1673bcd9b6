"""Noise put where a model drops: instead of a layer, or into one that drops by itself."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tuner.dropout.keras_objects import become, unlocked
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Tensor

Put = Callable[[keras.layers.Layer], keras.layers.Layer]
"""A layer of noise (without `cells`: of none) -> the layer that now stands at the place."""


def instead_of(layer: keras.layers.Layer, attribute: str | None, *, keeps: bool = False) -> Put:
    """Noise takes the place of a layer; it is that layer again in a file of Keras's.

    `attribute` of it then says the rate, or, where it `keeps`, 1 - rate; None stands for a layer of
    a graph, which becomes one of Keras's own instead.
    """

    def put(noise: keras.layers.Layer) -> keras.layers.Layer:
        was = become(layer, noise)

        def as_keras() -> keras.layers.Layer:
            rate = rate_of(layer)
            setattr(was, str(attribute), 1.0 - rate if keeps else rate)
            return was

        if attribute is not None:
            layer.as_keras = as_keras
        return layer

    return put


def into_heads(heads: keras.layers.Layer, layer: keras.layers.Layer) -> Put:
    """Noise on the probabilities of attention: it takes the place of the Dropout inside."""
    name = "_dropout" if hasattr(heads, "_dropout") else "dropout"

    def put(noise: keras.layers.Layer) -> keras.layers.Layer:
        standing = instead_of(layer, "rate")(noise)
        _say(heads, name, standing)
        return standing

    return put


def into_scores(attention: keras.layers.Layer) -> Put:
    """Noise on the probabilities of an Attention, which has no Dropout of its own."""

    def put(noise: keras.layers.Layer) -> keras.layers.Layer:
        plain = type(attention)._apply_scores

        def apply_scores(
            scores: Tensor, value: Tensor, scores_mask: Tensor = None, training: bool = False
        ) -> tuple[Any, Any]:
            _, weights = plain(attention, scores, value, scores_mask, training=False)
            weights = noise(weights, training=training)
            return ops.matmul(weights, value), weights

        if _say(attention, "dropout", noise):
            attention._apply_scores = apply_scores
        return noise

    return put


def into_cell(cell: keras.layers.Layer, kind: str, rnn: keras.layers.Layer | None) -> Put:
    """Noise on the inputs of the cell of an RNN, or on its state: one mask for all steps."""
    name, cached, asked = {
        "input": ("dropout", "_dropout_mask", "get_dropout_mask"),
        "recurrent": ("recurrent_dropout", "_recurrent_dropout_mask", "get_recurrent_dropout_mask"),
    }[kind]

    def put(noise: keras.layers.Layer) -> keras.layers.Layer:
        def mask(step: Tensor) -> Any:
            if getattr(cell, cached, None) is None:
                setattr(
                    cell, cached, _masks(noise, step, getattr(cell, "dropout_mask_count", None))
                )
            return getattr(cell, cached)

        if _say(cell, name, noise):
            setattr(cell, asked, mask)
            if rnn is not None:
                rnn.call = _noisy_in_samples(rnn)
        return noise

    return put


def rate_of(noise: keras.layers.Layer) -> float:
    """The rate of a layer of noise by now, 0 of one of none."""
    if hasattr(noise, "learned_rate"):
        return float(noise.learned_rate())
    return noise.rate.value if hasattr(noise, "cells") else 0.0


def _say(layer: keras.layers.Layer, name: str, noise: keras.layers.Layer) -> bool:
    """Have a layer hold the noise that it draws; whether there is any.

    Its own float says only whether: Keras reads it where a graph is made, never the rate.
    """
    if not hasattr(noise, "cells"):
        setattr(layer, name, 0.0)
        return False
    with unlocked(layer):
        layer.noises = {**getattr(layer, "noises", {}), name: noise}
    return True


def _masks(noise: keras.layers.Layer, step: Tensor, n: int | None) -> Any:
    """What multiplies the inputs of a step, or those of each of `n` gates."""
    ones = ops.ones_like(step)
    if n is None:
        return noise(ones)
    return ops.split(noise(ops.concatenate([ones] * n, axis=-1)), n, axis=-1)


def _noisy_in_samples(rnn: keras.layers.Layer) -> Callable[..., Any]:
    """The call of an RNN, whose cells read `training` and know no other noisy passes."""
    plain = type(rnn).call

    def call(*args: Any, training: Any = False, **kwargs: Any) -> Any:
        return plain(rnn, *args, training=is_noisy(training), **kwargs)

    return call
