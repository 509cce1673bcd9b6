"""What makes two models one structure: all but layer names and the values of rate cells."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from tuner.dropout.keras_internals import all_layers


def signature(model: keras.Model) -> str:
    """Equal for models that one compiled program can serve: all but names and cell values."""
    cells = {
        keras.saving.get_registered_name(type(layer)): layer.cells
        for layer in all_layers(model)
        if hasattr(layer, "cells")
    }
    config = keras.saving.serialize_keras_object(model)
    names = {name: f"#{i}" for i, name in enumerate(_names(config))}
    return json.dumps(_structure(config, names, cells), sort_keys=True, default=repr)


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
            if key != "build_config"
        }
        return {key: _structure(value, names, cells) for key, value in inner.items()}
    if isinstance(node, list | tuple):
        return [_structure(item, names, cells) for item in node]
    return names.get(node, node) if isinstance(node, str) else node
