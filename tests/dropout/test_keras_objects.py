"""A layer becomes another where it stands, and Keras still has the names that this needs."""

import importlib

import keras
import numpy as np
import pytest

from tuner.dropout.keras_objects import become, children_of, shape_built_for, take_over

L = keras.layers


@pytest.mark.parametrize("name", ["_tracker", "_layers", "_build_shapes_dict"])
def test_the_name_is_there(name):
    assert hasattr(L.Dense(2), name), (
        f"Keras has no {name} any more: docs/internals.md says what it was for"
    )


def test_the_projection_and_the_cells_are_there():
    attention = L.MultiHeadAttention(1, 2)
    attention.build((None, 3, 2), (None, 3, 2))
    assert hasattr(attention, "_output_dense"), "Keras has no _output_dense: docs/internals.md"
    cells = importlib.import_module("keras.src.layers.rnn.dropout_rnn_cell")
    assert isinstance(L.LSTMCell(2), cells.DropoutRNNCell)


def test_a_layer_becomes_another_in_lists_graphs_and_closures():
    layer = L.Dense(3, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((2,)), layer])
    held = [(lambda: layer)]
    was = become(layer, L.Rescaling(2.0, name="other"))
    assert type(model.layers[0]) is type(held[0]()) is L.Rescaling
    assert np.array_equal(model(np.ones((1, 2))), [[2.0, 2.0]])
    assert was.units == 3
    take_over(layer, was)
    assert np.array_equal(model(np.ones((1, 2))), [[2.0, 2.0, 2.0]])


def test_what_is_built_later_is_seen_under_both_identities():
    layer, other = L.Dropout(0.1), L.Dense(3)
    become(layer, other)
    layer.build((None, 2))
    assert layer.kernel is other.kernel
    assert len(layer.trainable_weights) == 2
    assert shape_built_for(layer) == (None, 2)


def test_children_are_called_as_their_owner_calls_them():
    class Holder(L.Layer):
        def __init__(self):
            super().__init__()
            self.one = L.Dense(1)
            self._many = [L.Dense(1), (L.Dense(1), {"a": L.Dense(1)})]

    holder = Holder()
    names = ["one", "many[0]", "many[1][0]", "many[1][1]['a']"]
    assert [name for name, _ in children_of(holder)] == names
