"""Rows of an embedding: a word is dropped wherever it stands in an example."""

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.dropout.rebuild import rebuild
from tuner.dropout.words import WordDropout
from tuner.schema import VARIANTS

L = keras.layers
IDS = np.tile(np.arange(6), (400, 2))


def layer(rate, **settings):
    return WordDropout(L.Embedding(6, 3, "ones", **settings), rate, seed=1)


def test_a_word_falls_wherever_it_stands_and_others_are_scaled_up():
    noisy = np.asarray(layer(0.25)(IDS, training=True))
    assert np.unique(noisy) == pytest.approx([0.0, 4 / 3])
    assert np.array_equal(noisy[:, :6], noisy[:, 6:])
    words = noisy[:, :6, 0] == 0
    error = (0.25 * 0.75 / words.size) ** 0.5
    assert words.mean() == pytest.approx(0.25, abs=5 * error)
    assert len({tuple(row) for row in words}) > 10


@pytest.mark.parametrize(("rate", "training"), [(0.0, True), (0.5, False)])
def test_without_noise_it_is_the_embedding(rate, training):
    found = layer(rate)
    assert np.array_equal(found(IDS, training=training), found.layer(IDS))


def test_the_mask_of_the_embedding_goes_on():
    assert np.array_equal(layer(0.5, mask_zero=True)(IDS)._keras_mask, IDS != 0)


def embedded():
    layers = [L.Embedding(6, 3, mask_zero=True), L.Dropout(0.2), L.LSTM(2), L.Dense(1)]
    return keras.Sequential([keras.Input((12,), dtype="int32"), *layers])


def test_dropconnect_drops_the_words_before_a_place_behind_an_embedding():
    model = embedded()
    before = np.asarray(model(IDS[:4]))
    found = rebuild(model, importer.load(VARIANTS["dropconnect"]), {"rate": 0.5})
    assert [type(each) for each in found.layers] == [WordDropout]
    np.testing.assert_allclose(model(IDS[:4]), before, rtol=1e-5)
    assert not np.allclose(model(IDS[:4], training=True), before)


def test_config_round_trips():
    found = WordDropout.from_config(layer(0.25).get_config())
    assert (found.rate.initial, found.layer.input_dim, found.seed) == (0.25, 6, 1)
