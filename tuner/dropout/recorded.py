"""What stands around layers that are in no graph: seen in one pass of their model, traced."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras
import tensorflow as tf

from tuner.dropout.graph import Wiring
from tuner.dropout.keras_internals import all_layers, input_of, is_model
from tuner.dropout.tensors import Tensor


@dataclass
class _Call:
    """One call of a layer: its tensors, and which operations of the graph it made."""

    layer: keras.layers.Layer
    inputs: list[Any]
    training: Any
    start: int
    outputs: list[Any] = field(default_factory=list)
    end: int = 0

    def takes(self, tensor: Tensor) -> bool:
        return any(each is tensor for each in self.inputs)

    def is_around(self, other: "_Call") -> bool:
        return self is not other and self.start <= other.start and other.end <= self.end


def record(model: keras.Model, inputs: Any = None) -> Wiring | None:
    """The wiring of a model in training; None where it cannot be traced.

    `inputs` is the structure that the model takes, of what has the shape and the dtype of a row;
    None for that of its graph.
    """
    specs = _specs(model, inputs)
    if specs is None:
        return None
    calls: list[_Call] = []
    given: list[Any] = []

    def run(rows: Any) -> Any:
        given.extend(keras.tree.flatten(rows))
        with _watched(model, calls):
            return model(rows, training=True)

    try:
        graph = tf.function(run, autograph=False).get_concrete_function(specs).graph
    except Exception:  # noqa: BLE001 (whatever keeps a user's model from a graph)
        return None
    place = {id(each): n for n, each in enumerate(graph.get_operations())}
    return _Record(calls, given, place).wiring


def ends_in_classes(model: keras.Model, inputs: Any) -> bool:
    """Whether the last operation of a model gives probabilities; `inputs` are as in `record`."""
    run = tf.function(lambda rows: model(rows, training=False), autograph=False)
    answers = run.get_concrete_function(_specs(model, inputs)).graph.structured_outputs
    return _operation_of(keras.tree.flatten(answers)[0]) in ("Softmax", "Sigmoid")


def _specs(model: keras.Model, inputs: Any) -> Any:
    if inputs is not None:
        return keras.tree.map_structure(lambda row: _spec((None, *row.shape), row.dtype), inputs)
    if is_model(model):
        return keras.tree.map_structure(lambda each: _spec(each.shape, each.dtype), input_of(model))
    return None


def _spec(shape: Any, dtype: str) -> tf.TensorSpec:
    return tf.TensorSpec(shape, dtype)


@contextlib.contextmanager
def _watched(model: keras.Model, calls: list[_Call]) -> Iterator[None]:
    """Note the calls of all layers inside a model."""
    layers = [layer for layer in all_layers(model) if layer is not model]
    before = [(layer, vars(layer).get("call")) for layer in layers]
    for layer in layers:
        layer.call = _noting(layer, layer.call, calls)
    try:
        yield
    finally:
        for layer, call in before:
            if call is None:
                del layer.call
            else:
                layer.call = call


def _noting(
    layer: keras.layers.Layer, call: Callable[..., Any], calls: list[_Call]
) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        graph = tf.compat.v1.get_default_graph()
        tensors = keras.tree.flatten((args, kwargs))
        here = _Call(layer, tensors, kwargs.get("training"), graph.version)
        calls.append(here)
        outputs = call(*args, **kwargs)
        here.outputs, here.end = keras.tree.flatten(outputs), graph.version
        return outputs

    return noted


@dataclass(frozen=True)
class _Record:
    """The calls of one pass; `given` are its inputs, `place` the numbers of its operations."""

    calls: list[_Call]
    given: list[Any]
    place: dict[int, int]
    inputs: keras.layers.Layer = field(default_factory=lambda: keras.layers.InputLayer((1,)))

    @property
    def wiring(self) -> Wiring:
        return Wiring(self.giver, self.takers, self.shape, self.is_quiet, self.is_softmax)

    def taken(self, layer: keras.layers.Layer) -> Tensor | None:
        """What a layer takes first."""
        call = next((each for each in self.calls if each.layer is layer), None)
        return None if call is None or not call.inputs else call.inputs[0]

    def giver(self, layer: keras.layers.Layer) -> keras.layers.Layer | None:
        tensor = self.taken(layer)
        if tensor is None:
            return None
        if any(each is tensor for each in self.given):
            return self.inputs
        gave = (each for each in reversed(self.calls) if any(o is tensor for o in each.outputs))
        return next((each.layer for each in gave), None)

    def takers(self, layer: keras.layers.Layer) -> list[keras.layers.Layer | None]:
        return [
            taker
            for call in self.calls
            if call.layer is layer
            for tensor in call.outputs
            for taker in _takers(tensor, self.inner, self.place)
        ]

    @cached_property
    def inner(self) -> list[_Call]:
        """Calls with no other within them."""
        return [a for a in self.calls if not any(a.is_around(b) for b in self.calls)]

    def shape(self, layer: keras.layers.Layer) -> tuple[int | None, ...] | None:
        tensor = self.taken(layer)
        return None if tensor is None else tuple(tensor.shape)

    def is_quiet(self, layer: keras.layers.Layer) -> bool:
        made = [call.training for call in self.calls if call.layer is layer]
        return bool(made) and not any(made)

    def is_softmax(self, layer: keras.layers.Layer) -> bool:
        tensor = self.taken(layer)
        if tensor is None:
            return False
        return type(self.giver(layer)).__name__.endswith("Softmax") or _is_softmax(tensor)


def _is_softmax(tensor: Tensor) -> bool:
    """Whether a tensor was normalized by the softmax of an operation, and at most cast since."""
    return _operation_of(tensor) == "Softmax"


def _operation_of(tensor: Tensor) -> str:
    """What made a tensor, casts apart."""
    operation = tensor.op
    while operation.type in ("Cast", "Identity"):
        operation = operation.inputs[0].op
    return str(operation.type)


def _takers(
    tensor: Tensor, inner: list[_Call], place: dict[int, int]
) -> Iterator[keras.layers.Layer | None]:
    """The layers that a tensor goes into, None for an operation outside of layers."""
    into = [call for call in inner if call.takes(tensor)]
    yield from (call.layer for call in into)
    for operation in tensor.consumers():
        number = place.get(id(operation), -1)
        if not any(call.start <= number < call.end for call in into):
            yield None
