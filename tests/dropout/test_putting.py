"""Noise at places that drop by themselves."""

import keras
import numpy as np
import pytest

from tuner.dropout import Dropout
from tuner.dropout.putting import into_cell, into_heads, into_scores

L = keras.layers


def heads(rate=0.5):
    layer = L.MultiHeadAttention(1, 4, dropout=rate)
    layer.build((None, 3, 4), (None, 3, 4))
    return layer


def test_the_names_are_there():
    for owner, name in ((heads(), "_dropout"), (L.Attention(), "_apply_scores")):
        assert hasattr(owner, name), (
            f"Keras has no {name} any more: docs/internals.md says what it was for"
        )


def test_attention_without_noise_may_take_its_fused_path():
    layer = heads()
    into_heads(layer, layer._dropout_layer)(L.Dropout(0.0))
    assert layer.dropout == 0


@pytest.mark.parametrize("kind", [L.Attention, L.AdditiveAttention])
def test_probabilities_of_attention_are_dropped_and_scaled_up(kind):
    layer = kind(dropout=0.1)
    into_scores(layer)(Dropout(0.5))
    x = np.ones((30, 4, 4), "float32")
    layer([x, x])
    _, weights = layer([x, x], return_attention_scores=True, training=True)
    assert np.unique(weights) == pytest.approx([0.0, 0.5])


@pytest.mark.parametrize("gates", [1, 2])
def test_a_cell_has_a_mask_for_each_gate_as_keras_has_it(gates):
    cell = L.LSTMCell(2, dropout=0.2, recurrent_dropout=0.2 if gates == 2 else 0.0)
    before = cell.get_dropout_mask(np.ones((3, 5), "float32"))
    cell.reset_dropout_mask()
    into_cell(cell, "input", None)(Dropout(0.5))
    mask = cell.get_dropout_mask(np.ones((3, 5), "float32"))
    assert cell.get_dropout_mask(np.ones((3, 5), "float32")) is mask
    assert np.shape(mask) == np.shape(before)


def test_a_quiet_cell_draws_nothing():
    cell = L.GRUCell(2, dropout=0.2)
    into_cell(cell, "input", None)(L.Dropout(0.0))
    assert cell.get_dropout_mask(np.ones((3, 5), "float32")) is None
