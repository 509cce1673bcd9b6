"""What Keras knows of its graphs and calls and does not say: the file that looks inside."""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import keras
from keras.src.backend.common.global_state import get_global_attribute, set_global_attribute
from keras.src.ops.core import Cast

T = TypeVar("T")
_CALL = "current_call_ctx"
_NUMBERS = "object_name_uids"
Edge = tuple[keras.layers.Layer, keras.layers.Layer]


def edges(model: keras.Model) -> Iterator[Edge]:
    """Every (layer, layer that takes its output) of a model, nested models taken apart."""
    function = model._functional if isinstance(model, keras.Sequential) else model
    for nodes in function._nodes_by_depth.values():
        for node in nodes:
            for index, tensor in enumerate(node.input_tensors):
                yield maker_of(tensor), _first_layer(node.operation, index)
    for layer in model.layers:
        if is_model(layer):
            yield from edges(layer)


def takers_of(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that take the output of `layer`, in whatever model it stands."""
    return [
        _first_layer(node.operation, index)
        for node in layer._outbound_nodes
        for index, tensor in enumerate(node.input_tensors)
        if tensor._keras_history.operation is layer
    ]


def maker_of(tensor: keras.KerasTensor) -> keras.layers.Layer:
    """The layer that gives a tensor, within nested models too."""
    operation, _, index = tensor._keras_history
    return maker_of(operation.outputs[index]) if is_model(operation) else operation


def giver_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer or nested model whose output `layer` takes, where it is called first."""
    return layer.input._keras_history.operation


def all_layers(model: keras.layers.Layer) -> list[keras.layers.Layer]:
    """A model and every layer inside it, those of other layers too."""
    return list(model._flatten_layers())


def entry_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The model, or the layer, whose call the call of `layer` is a part of."""
    context = get_global_attribute(_CALL)
    return layer if context is None else context.entry_layer


@contextlib.contextmanager
def numbered_anew() -> Iterator[None]:
    """Name layers as in a fresh process: by what else is built in here, not by what was before."""
    numbers = get_global_attribute(_NUMBERS)
    set_global_attribute(_NUMBERS, defaultdict(int))
    try:
        yield
    finally:
        set_global_attribute(_NUMBERS, numbers)


def has_added_loss(layer: keras.layers.Layer) -> bool:
    """Whether `layer` has added a loss in this call of its model."""
    return bool(layer._losses)


def is_cast(operation: keras.layers.Layer) -> bool:
    """Whether an operation is what Keras puts between layers of two dtypes."""
    return isinstance(operation, Cast)


def input_of(model: keras.Model) -> Any:
    """What a Sequential or Functional model takes: a tensor, or a structure of tensors."""
    return model.inputs[0] if isinstance(model, keras.Sequential) else model.input


def is_model(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a model with a graph."""
    return isinstance(layer, keras.Sequential | keras.Function)


def _first_layer(operation: keras.layers.Layer, index: int) -> keras.layers.Layer:
    """The layer that takes input `index` of an operation."""
    while is_model(operation):
        operation = maker_of(operation.inputs[index])
        index = 0
    return operation


def weights_filed_as(name: str) -> Callable[[type[T]], type[T]]:
    """Go on with the name of a class by which files of models hold its weights.

    Keras takes `__name__` for the group of a layer's weights, whatever it is registered as: under
    another one the weights are not found, and those drawn anew stay.
    """

    def named(layer: type[T]) -> type[T]:
        layer.__name__ = name
        return layer

    return named
