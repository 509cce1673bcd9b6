"""Which layer takes whose output, in a model with its nested models taken apart."""

from collections.abc import Iterator

import keras

from tuner.dropout._weighted import WEIGHTED

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

Edge = tuple[keras.layers.Layer, keras.layers.Layer]


def edges(model: keras.Model) -> list[Edge]:
    """Every (layer, layer that takes its output) of a Sequential or Functional model."""
    return list(_edges(model))


def consumer_of(layer: keras.layers.Layer, among: list[Edge]) -> keras.layers.Layer | None:
    """The one Dense or Conv layer that takes the output of `layer`.

    Activations, normalizations, pooling and reshaping may stand between. None where a layer of
    another kind takes the output, or more than one does.
    """
    found: dict[int, keras.layers.Layer] = {}
    ahead = [layer]
    while ahead:
        here = ahead.pop()
        takers = [taker for giver, taker in among if giver is here]
        for taker in takers:
            if isinstance(taker, WEIGHTED):
                found[id(taker)] = taker
            elif isinstance(taker, _PASSED):
                ahead.append(taker)
            else:
                return None
        if not takers:
            return None
    return next(iter(found.values())) if len(found) == 1 else None


def head(model: keras.Model) -> tuple[str, int]:
    """What a classifier ends in: "logits" or "probabilities", and the number of outputs."""
    last = model
    while _is_model(last) or isinstance(last, keras.layers.Wrapper):
        last = last.outputs[0]._keras_history.operation if _is_model(last) else last.layer
    function = getattr(getattr(last, "activation", None), "__name__", type(last).__name__).lower()
    n_outputs = int(model.output_shape[-1])
    probabilities = function == "sigmoid" or (function == "softmax" and n_outputs > 1)
    return ("probabilities" if probabilities else "logits"), n_outputs


def _edges(model: keras.Model) -> Iterator[Edge]:
    function = model._functional if isinstance(model, keras.Sequential) else model
    for nodes in function._nodes_by_depth.values():
        for node in nodes:
            for index, tensor in enumerate(node.input_tensors):
                yield _giver(tensor), _taker(node.operation, index)
    for layer in model.layers:
        if _is_model(layer):
            yield from _edges(layer)


def _giver(tensor: keras.KerasTensor) -> keras.layers.Layer:
    operation, _, index = tensor._keras_history
    return _giver(operation.outputs[index]) if _is_model(operation) else operation


def _taker(operation: keras.layers.Layer, index: int) -> keras.layers.Layer:
    if not _is_model(operation):
        return operation
    return operation.inputs[index]._keras_history.operation


def _is_model(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.Sequential | keras.Function)
