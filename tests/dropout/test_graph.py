"""The graph of a model: which layer takes the output of another."""

import keras
from _models import L, branched, convolutional, nested

from tuner.dropout.sites import find_sites


def consumers(model):
    return [site.consumer and site.consumer.units for site in find_sites(model)]


def test_sites_know_the_weighted_layer_that_takes_their_output():
    assert consumers(convolutional()) == [6, 2]
    assert consumers(nested()) == [2]


def test_a_mark_before_a_nested_model_finds_its_first_layer():
    inner = keras.Sequential([keras.Input((5,)), L.ReLU(), L.Dense(7), L.Dense(5)])
    inputs = keras.Input((5,))
    outer = keras.Model(inputs, L.Dense(2)(inner(L.Dropout(0.3)(inputs))))
    assert consumers(outer) == [7]


def test_a_mark_whose_output_goes_elsewhere_too_has_no_such_layer():
    x = inputs = keras.Input((5,))
    x = L.Dropout(0.3)(x)
    two = keras.Model(inputs, L.Add()([L.Dense(2)(x), L.Dense(2)(x)]))
    skip = keras.Model(inputs, L.Add()([L.Dense(5)(x), x]))
    last = keras.Sequential([keras.Input((5,)), L.Dense(2), L.Dropout(0.3)])
    assert [consumers(model) for model in (two, skip, last)] == [[None], [None], [None]]
    assert consumers(branched())[1:] == [None, 2]


def test_layers_outside_the_model_do_not_count():
    inputs = keras.Input((5,))
    x = L.Dropout(0.3)(inputs)
    model = keras.Model(inputs, L.Dense(2)(x))
    L.Dense(9)(x)
    assert consumers(model) == [2]
