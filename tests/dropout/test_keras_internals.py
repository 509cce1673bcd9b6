"""What Keras keeps private of graphs and calls is there, and says what tuner thinks it says."""

import importlib

import keras
import numpy as np
import pytest

from tuner.dropout.keras_internals import (
    all_layers,
    edges,
    entry_of,
    giver_of,
    has_added_loss,
    is_cast,
    maker_of,
    takers_of,
)

L = keras.layers
MODEL = keras.Sequential([keras.Input((4,)), L.Dense(3), L.Dense(2)])
NAME = "get_global_attribute"
NAMES = {
    "_functional": MODEL,
    "_nodes_by_depth": MODEL._functional,
    "_keras_history": MODEL.outputs[0],
    "_outbound_nodes": MODEL.layers[0],
    "_flatten_layers": MODEL,
    "_losses": MODEL,
}


@pytest.mark.parametrize(("name", "owner"), NAMES.items())
def test_the_name_is_there(name, owner):
    assert hasattr(owner, name), (
        f"Keras has no {name} any more: docs/internals.md says what it was for"
    )


def test_the_state_of_calls_is_there():
    assert hasattr(importlib.import_module("keras.src.backend.common.global_state"), NAME), (
        f"Keras has no {NAME} any more: docs/internals.md says what it was for"
    )


def test_the_class_of_casts_is_there():
    assert hasattr(importlib.import_module("keras.src.ops.core"), "Cast"), (
        "Keras has no Cast any more: docs/internals.md says what it was for"
    )


def nested():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3, name="in"), L.ReLU(name="relu")])
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(2, name="out")(inner(inputs)))


def test_edges_go_through_nested_models():
    found = {(giver.name, taker.name) for giver, taker in edges(nested())}
    assert {("in", "relu"), ("relu", "out")} <= found


def test_a_layer_knows_who_takes_its_output_and_a_tensor_who_made_it():
    model = nested()
    relu = next(layer for layer in all_layers(model) if layer.name == "relu")
    dense = next(layer for layer in all_layers(model) if layer.name == "in")
    assert takers_of(dense) == [relu]
    assert giver_of(relu) is dense
    assert maker_of(model.layers[-1].input) is relu


def test_casts_between_two_dtypes_are_seen():
    inputs = keras.Input((4,))
    half = L.Dense(3, dtype="mixed_bfloat16")
    keras.Model(inputs, L.Dense(2)(half(inputs)))
    assert any(is_cast(taker) for taker in takers_of(half))
    assert not any(is_cast(taker) for taker in takers_of(MODEL.layers[0]))


class Asking(L.Layer):
    """Tells of each call the entry, and whether the layer has added a loss before it adds one."""

    def __init__(self, tell):
        super().__init__()
        self.tell = tell

    def call(self, inputs):
        self.tell((entry_of(self), has_added_loss(self)))
        self.add_loss(keras.ops.sum(inputs))
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape


def test_a_call_knows_the_model_that_it_is_a_part_of():
    seen = []
    layer, x = Asking(seen.append), np.ones((1, 4), "float32")
    layer(x)
    model = keras.Sequential([keras.Input((4,)), layer])
    model(x)
    assert seen == [(layer, False), (model, False)]


def test_what_is_called_without_keras_leaves_no_call_open():
    seen = []
    layer, x = Asking(seen.append), np.ones((1, 4), "float32")
    layer.call(x)
    model = keras.Sequential([keras.Input((4,)), Asking(seen.append)])
    model(x)
    assert seen[1][0] is model


def test_a_second_call_in_a_pass_finds_the_loss_of_the_first():
    seen = []
    layer, inputs = Asking(seen.append), keras.Input((4,))
    model = keras.Model(inputs, layer(layer(inputs)))
    for _ in range(2):
        model(np.ones((1, 4), "float32"))
    assert [added for _, added in seen] == [False, True] * 2
