"""What makes two models one structure: all but layer names and the values of rate cells."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

import keras
import numpy as np

from tuner.dropout.keras_internals import all_layers
from tuner.training.traced import UnlikeError, traced

_SAY_ALL = ("keras.src.layers.", "keras.src.models.", "tuner.dropout.")
"""Where the classes are whose configuration says what they compute, but for their weights."""

_ADAPTED = ("mean", "variance", "bin_boundaries")
"""What layers learn from data beside weights, and tables."""

_OF_LIBRARIES = ("keras.", "tuner.", "tensorflow.", "numpy", "builtins", "collections", "inspect")


def signature(
    model: keras.Model, inputs: Any = None, notice: Callable[[str], None] = lambda text: None
) -> str:
    """Equal for models that one compiled program can serve: all but names and cell values.

    A model with layers of which the configuration does not say all is traced on `inputs`, as in
    `traced`. One of which that cannot be said has a signature of its own, and `notice` is told.
    """
    if all(_says_all(layer) for layer in all_layers(model)):
        return _configured(model)
    try:
        return traced(model, inputs)
    except UnlikeError as error:
        notice(f"the program of a trial serves no other, which is slower: {error}")
        return f"only {id(model)}"


def _says_all(layer: keras.layers.Layer) -> bool:
    module = type(layer).__module__
    if not module.startswith(_SAY_ALL):
        return False
    return all(_is_of_a_library(value) for value in vars(layer).values())


def _is_of_a_library(value: Any) -> bool:
    """Whether it is no function, or object, of the owner of a model."""
    of = value if isinstance(value, FunctionType) else type(value)
    return str(of.__module__).startswith(_OF_LIBRARIES)


def _configured(model: keras.Model) -> str:
    cells = {
        keras.saving.get_registered_name(type(layer)): layer.cells
        for layer in all_layers(model)
        if hasattr(layer, "cells")
    }
    noises = [noise for layer in all_layers(model) for noise in _noises(layer)]
    config: list[Any] = [keras.saving.serialize_keras_object(each) for each in (model, *noises)]
    config += [_adapted(layer) for layer in all_layers(model) if _is_adaptable(layer)]
    names = {name: f"#{i}" for i, name in enumerate(_names(config))}
    return json.dumps(_structure(config, names, cells), sort_keys=True, default=repr)


def _is_adaptable(layer: keras.layers.Layer) -> bool:
    return hasattr(layer, "adapt") or hasattr(layer, "get_vocabulary")


def _adapted(layer: keras.layers.Layer) -> list[str]:
    """What a layer has learned from data, of which its configuration says nothing."""
    found = [repr(np.asarray(vars(layer).get(name)).tolist()) for name in _ADAPTED]
    words = repr(layer.get_vocabulary()) if hasattr(layer, "get_vocabulary") else ""
    return [hashlib.sha256(text.encode()).hexdigest() for text in (*found, words)]


def _noises(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers of ours that one draws from, of which its configuration says nothing."""
    return list(getattr(layer, "noises", {}).values())


def _names(node: Any) -> Iterator[str]:
    """The names of the layers in a serialized model, inputs and nested models included."""
    if isinstance(node, Mapping):
        config = node.get("config")
        if isinstance(config, Mapping) and node.get("class_name") != "DTypePolicy":
            yield from [config["name"]] if "name" in config else []
        for value in node.values():
            yield from _names(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _names(item)


def _structure(node: Any, names: Mapping[str, str], cells: Mapping[str, tuple[str, ...]]) -> Any:
    """`node` with layer names numbered and the values of rate cells left out."""
    if isinstance(node, Mapping):
        hidden = {"build_config", *cells.get(node.get("registered_name") or "", ())}
        inner = {
            key: {k: v for k, v in value.items() if k not in hidden}
            if key == "config" and isinstance(value, Mapping)
            else value
            for key, value in node.items()
            if key not in ("build_config", "compile_config")
        }
        return {key: _structure(value, names, cells) for key, value in inner.items()}
    if isinstance(node, list | tuple):
        return [_structure(item, names, cells) for item in node]
    return names.get(node, node) if isinstance(node, str) else node
