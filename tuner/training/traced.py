"""What a model computes, as a digest: equal for models that one compiled program can serve.

For models whose layers do not say all in their configuration: two with the same operations,
constants, tables and order of variables compute the same, whatever their Python is.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.dropout.keras_internals import all_layers, input_of
from tuner.dropout.tensors import Tensor
from tuner.errors import one_line

_UNIMPORTANT = ("_output_shapes", "_class", "_gradient_op_type")


class UnlikeError(Exception):
    """It cannot be said whether a model computes what another does."""


def traced(model: keras.Model, inputs: Any = None) -> str:
    """A digest of what a model computes in training, whatever its variables hold.

    `inputs` is the structure that the model takes, of what has the shape and the dtype of a row;
    None for that of its graph. Raises UnlikeError, with the reason, where it cannot be traced, or
    holds state that is none of its variables.
    """
    if inputs is None:
        specs = keras.tree.map_structure(
            lambda each: _spec(each.shape, each.dtype), input_of(model)
        )
    else:
        specs = keras.tree.map_structure(lambda row: _spec((None, *row.shape), row.dtype), inputs)
    held = {id(v.value.handle): f"variable {n}" for n, v in enumerate(model.variables)}
    held |= _tables(model)
    facts = [(tuple(v.shape), str(v.dtype), v.trainable) for v in model.variables]
    digest = hashlib.sha256(repr(facts).encode())
    for line in (*_numbers(model), *_lines(model, specs, held)):
        digest.update(line.encode())
    return digest.hexdigest()


def _numbers(model: keras.Model) -> Iterator[str]:
    """What layers may compute with where they are not trained: a second trace takes as long."""
    owners = (each for each in all_layers(model) if type(each).__module__[:6] != "tuner.")
    for layer in owners:
        yield repr(
            [
                (name, value)
                for name, value in sorted(vars(layer).items())
                if isinstance(value, bool | int | float) and not name.startswith("_")
            ]
        )


def _spec(shape: Any, dtype: str) -> tf.TensorSpec:
    return tf.TensorSpec(shape, dtype)


def _tables(model: keras.Model) -> dict[int, str]:
    """The tables of the layers that look up, by the identity of their handles: what is in them."""
    found = {}
    for layer in all_layers(model):
        handle = getattr(getattr(layer, "lookup_table", None), "resource_handle", None)
        if handle is not None:
            vocabulary = layer.get_vocabulary()
            found[id(handle)] = f"table {hashlib.sha256(repr(vocabulary).encode()).hexdigest()}"
    return found


def _lines(model: keras.Model, specs: Any, held: Mapping[int, str]) -> Iterator[str]:
    def run(rows: Any) -> tuple[Any, Any]:
        return model(rows, training=True), model.losses

    try:
        graph = tf.function(run, autograph=False).get_concrete_function(specs).graph
    except (Exception, SystemExit) as error:
        raise UnlikeError(f"it cannot be traced: {one_line(error)}") from error
    yield from (_outside(outside, held) for outside, _ in graph.captures)
    definition = graph.as_graph_def()
    library = {each.signature.name: each for each in definition.library.function}
    yield from _nodes(definition.node, library, {})


def _outside(tensor: Tensor, held: Mapping[int, str]) -> str:
    """What a graph takes from outside: a variable by its place, a table, or a constant."""
    if id(tensor) in held:
        return held[id(tensor)]
    if tensor.dtype in (tf.resource, tf.variant):
        raise UnlikeError("it has state that is no variable of a layer")
    value = np.asarray(tensor)
    content = repr(value.tolist()) if value.dtype.kind == "O" else value.tobytes()
    return f"constant {value.shape} {value.dtype} {content!r}"


def _nodes(nodes: Any, library: Mapping[str, Any], known: dict[str, str]) -> Iterator[str]:
    """The operations of a graph, without the names that they were given."""
    places = {node.name: str(n) for n, node in enumerate(nodes)}
    for node in nodes:
        inputs = [_renamed(name, places) for name in node.input if name[0] != "^"]
        before = sorted(places.get(name[1:], name) for name in node.input if name[0] == "^")
        attributes = [
            (name, _attribute(node.attr[name], library, known))
            for name in sorted(node.attr)
            if name not in _UNIMPORTANT
        ]
        yield f"{node.op} {inputs} {before} {attributes}"


def _renamed(name: str, places: Mapping[str, str]) -> str:
    """`name:0` with the place of the operation."""
    first, colon, rest = name.partition(":")
    return f"{places.get(first, first)}{colon}{rest}"


def _attribute(value: Any, library: Mapping[str, Any], known: dict[str, str]) -> str:
    """The value of an attribute; of a function, such as the body of a loop, what it does."""
    name = value.func.name
    if name not in library:
        return str(value.SerializeToString().hex())
    if name not in known:
        known[name] = ""
        function = library[name]
        arguments = {each.name: f"a{n}" for n, each in enumerate(function.signature.input_arg)}
        places = {node.name: str(n) for n, node in enumerate(function.node_def)}
        given = [_renamed(function.ret[out.name], places) for out in function.signature.output_arg]
        lines = [*_nodes(function.node_def, library, known), f"{given}"]
        for old, new in arguments.items():
            lines = [line.replace(f"'{old}'", f"'{new}'") for line in lines]
        known[name] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return known[name]
