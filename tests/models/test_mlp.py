"""The multilayer perceptron: as many layers and units as the params say."""

import keras
import pytest

from tuner.data.spec import Spec
from tuner.models.mlp import build


@pytest.mark.parametrize("depth", [1, 3])
def test_a_dropout_stands_behind_every_hidden_layer(depth):
    model = build({"width": 7, "depth": depth}, Spec((4,), 3, "classification"))
    kinds = [type(layer) for layer in model.layers[1:]]
    assert kinds == [keras.layers.Dense, keras.layers.Dropout] * depth + [keras.layers.Dense]
    assert {layer.units for layer in model.layers[1:-1:2]} == {7}


@pytest.mark.parametrize(
    ("task", "activation"), [("classification", "softmax"), ("regression", "linear")]
)
def test_the_head_follows_from_the_task(task, activation):
    head = build({"width": 7, "depth": 1}, Spec((2, 2), 3, task)).layers[-1]
    assert (head.units, head.activation.__name__) == (3, activation)
