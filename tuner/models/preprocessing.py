"""Whether a model does to its rows what tuner would do to them: then they stay as they are."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuner.dropout.keras_internals import all_layers

L = keras.layers
_SCALING = (L.Normalization, L.Rescaling, L.Discretization)
_OF_IDS = (
    L.Embedding,
    L.TextVectorization,
    L.StringLookup,
    L.IntegerLookup,
    L.Hashing,
    L.CategoryEncoding,
)
_ADAPTED = (L.Normalization, L.Discretization, L.TextVectorization, L.StringLookup, L.IntegerLookup)
_APPLICATIONS = tuple(name.lower() for name in dir(keras.applications) if name[0].isupper())


def reason_to_leave(model: keras.Model, x: NDArray[Any]) -> str | None:
    """Why the rows x of a model stay as they are, in words; None where nothing speaks for it."""
    are_whole = x.dtype.kind != "f" or bool((x == np.round(x)).all())
    for layer in all_layers(model):
        if isinstance(layer, _SCALING) or (are_whole and isinstance(layer, _OF_IDS)):
            return f"the model has a {type(layer).__name__} layer"
        if isinstance(layer, keras.Model) and _letters(layer.name).startswith(_APPLICATIONS):
            return f"the model has {layer.name} of keras.applications in it"
        if layer.weights and not layer.trainable:
            return f"layer {layer.name!r} of the model is frozen, as one that was trained before"
    return None


def keeps_state(layer: keras.layers.Layer) -> bool:
    """Whether a layer has seen data that its config does not have: a vocabulary, a mean."""
    return isinstance(layer, _ADAPTED)


def _letters(name: str) -> str:
    """A name as it is compared: "resnet50_1" and "mobilenetv2_1.00_32" begin as the networks do."""
    return name.replace("_", "").replace("-", "").lower()
