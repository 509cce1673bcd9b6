"""Layers of Keras as objects: what one holds, and how it becomes another where it stands."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from keras.src.random.seed_generator import global_seed_generator

from tuner.dropout.keras_internals import is_model

RNN_CELLS = DropoutRNNCell
"""Cells that draw masks for their inputs and their state."""

_GRAPH = ("_inbound_nodes", "_outbound_nodes", "_path", "_parent_path")


def become(layer: keras.layers.Layer, other: keras.layers.Layer) -> keras.layers.Layer:
    """Turn `layer` into `other` wherever it stands: in graphs, attributes, lists, closures.

    Both are one object of two identities from then on. Gives what `layer` was, under a third, with
    its weights: Python lets an object have another class and dictionary, where a search for all
    that holds it would miss some.
    """
    was: keras.layers.Layer = object.__new__(type(layer))
    take_over(was, layer)
    vars(other).update({name: vars(layer)[name] for name in _GRAPH if name in vars(layer)})
    take_over(layer, other)
    return was


def take_over(layer: keras.layers.Layer, other: keras.layers.Layer) -> None:
    """Give `layer` the class and the state of `other`, past what Keras does when one is set."""
    object.__setattr__(layer, "__dict__", vars(other))
    object.__setattr__(layer, "__class__", type(other))


@contextlib.contextmanager
def unlocked(layer: keras.layers.Layer) -> Iterator[None]:
    """Let a layer that is built be given further layers."""
    tracker = layer._tracker
    before = tracker.locked
    tracker.unlock()
    try:
        yield
    finally:
        tracker.locked = before


def children_of(layer: keras.layers.Layer) -> Iterator[tuple[str, keras.layers.Layer]]:
    """(where, layer) of the layers right inside one: a name of the graph, or of an attribute."""
    if is_model(layer):
        yield from ((child.name, child) for child in layer.layers)
        return
    names = {
        id(child): name
        for name, value in vars(layer).items()
        for name, child in _held(name.lstrip("_"), value)
    }
    for child in layer._layers:
        yield names.get(id(child), child.name), child


def _held(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """(path, layer) of the layers that an attribute holds."""
    if isinstance(value, keras.layers.Layer):
        yield name, value
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _held(f"{name}[{place}]", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _held(f"{name}[{key!r}]", item)


def shape_built_for(layer: keras.layers.Layer) -> Any:
    """The shape that the weights of a built layer are for; None where it was not noted."""
    noted = layer._build_shapes_dict or {}
    return noted.get("input_shape") or next(iter(noted.values()), None)


def last_weights_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer inside one of Keras's own that gives its output, or itself."""
    if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention):
        return layer._output_dense
    return layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the generators that nobody gave a seed as they were: of Python, NumPy and Keras."""
    state = global_seed_generator().state
    before = random.getstate(), np.random.get_state(), keras.ops.copy(state)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        state.assign(before[2])
