"""What stands behind a layer, and what a model ends in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from tuner.dropout._weighted import WEIGHTED
from tuner.dropout.keras_internals import (
    edges,
    is_cast,
    is_model,
    maker_of,
    takers_of,
)

ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
    keras.layers.Softmax,
)
NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.RMSNormalization,
)
TRANSPARENT = (
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
    keras.layers.MaxPooling3D,
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.AveragePooling3D,
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalAveragePooling3D,
    keras.layers.GlobalMaxPooling1D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalMaxPooling3D,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Identity,
)
_PASSED = (keras.layers.InputLayer, *ACTIVATIONS, *NORMALIZATIONS, *TRANSPARENT)

Takers = Callable[[keras.layers.Layer], Sequence[keras.layers.Layer | None]]
"""A layer -> the layers that take its output, None for an operation that is in none."""


@dataclass(frozen=True)
class Wiring:
    """What a model does with its layers.

    `giver(layer)` is the one whose output a layer takes first, an InputLayer where that are the
    inputs of the model, None where no layer gives it. `shape(layer)` is that of its input,
    `is_quiet(layer)` whether it is told not to be in training, always, `is_softmax(layer)` whether
    what it takes has been normalized by a softmax.
    """

    giver: Callable[[keras.layers.Layer], keras.layers.Layer | None]
    takers: Takers
    shape: Callable[[keras.layers.Layer], tuple[int | None, ...] | None]
    is_quiet: Callable[[keras.layers.Layer], bool]
    is_softmax: Callable[[keras.layers.Layer], bool]


def wiring_of(model: keras.Model) -> Wiring:
    """That of a Sequential or Functional model, its nested models taken apart."""
    found = list(edges(model))

    def giver(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        givers = [giver for giver, taker in found if taker is layer]
        hidden = [each for each in givers if not isinstance(each, keras.layers.InputLayer)]
        return next(iter(hidden or givers), None)

    return Wiring(
        giver,
        lambda layer: [taker for giver, taker in found if giver is layer],
        lambda layer: tuple(layer.input.shape),
        lambda layer: False,  # a graph passes on the training of its model, whatever was written
        lambda layer: type(giver(layer)).__name__.endswith("Softmax"),
    )


def consumer_of(layer: keras.layers.Layer, takers: Takers = takers_of) -> keras.layers.Layer | None:
    """The one Dense or Conv layer that takes the output of `layer`.

    Activations, normalizations, pooling and reshaping may stand between. None where a layer of
    another kind takes the output, or more than one does.
    """
    found: dict[int, keras.layers.Layer] = {}
    ahead = [layer]
    while ahead:
        taken = takers(ahead.pop())
        for taker in taken:
            if isinstance(taker, WEIGHTED):
                found[id(taker)] = taker
            elif taker is not None and (
                isinstance(taker, _PASSED) or (is_cast(taker) and takers(taker))
            ):
                ahead.append(taker)
            elif is_cast(taker):
                continue  # Keras casts for a layer, and gives it what was cast before
            else:
                return None
        if not taken:
            return None
    return next(iter(found.values())) if len(found) == 1 else None


def head(model: keras.Model) -> tuple[str, int]:
    """What a classifier ends in: "logits" or "probabilities", and the number of outputs."""
    kind = "probabilities" if ends_in_probabilities(model) else "logits"
    return kind, int(model.output_shape[-1])


def ends_in_probabilities(model: keras.Model) -> bool:
    """Whether the last function of a model with a graph and one output gives probabilities."""
    function = last_function(model)
    return function == "sigmoid" or (function == "softmax" and model.outputs[0].shape[-1] != 1)


def n_outputs(model: keras.Model) -> int | None:
    """How many numbers a model gives a row, where its graph says it and has one output."""
    if not has_one_output(model):
        return None
    size: int | None = model.outputs[0].shape[-1]
    return size


def has_one_output(model: keras.Model) -> bool:
    """Whether a model is a graph that gives one array."""
    return is_model(model) and model.built and len(model.outputs) == 1


def last_function(model: keras.Model) -> str:
    """The name of the activation that a model ends in, or of its last layer without one."""
    last = model
    while is_model(last) or isinstance(last, keras.layers.Wrapper):
        last = maker_of(last.outputs[0]) if is_model(last) else last.layer
    return getattr(getattr(last, "activation", None), "__name__", type(last).__name__).lower()
