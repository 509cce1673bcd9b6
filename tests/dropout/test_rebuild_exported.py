"""Exported models: layers of Keras at the rates of the moment."""

import numpy as np
import pytest
from _models import VALUES, WEIGHT_NOISE, convolutional, dense, some_rows, variant

from tuner.dropout.rebuild import copy_of_model, rebuild, with_keras_layers


@pytest.mark.parametrize(("level", "inference"), [("weight", "pruned"), ("unit", "pruned")])
def test_an_exported_model_is_pruned_where_inference_is(level, inference):
    values = VALUES | {"level": level, "inference": inference}
    model = convolutional()
    rebuilt = rebuild(copy_of_model(model), variant("targeted"), values).model
    x = some_rows(model)
    before = rebuilt(x)
    with with_keras_layers(rebuilt) as plain:
        assert np.array_equal(plain(x), before)
    assert not np.allclose(rebuilt(x), model(x))


NOISY = ("standard", "gaussian", "scheduled", "alpha", "concrete", *WEIGHT_NOISE)

EXPORTED = [(name, {}) for name in NOISY]

GRANULARITIES = ("neuron", "layer", "weight")


@pytest.mark.parametrize(
    ("name", "hps"), [*EXPORTED, *(("variational", {"granularity": g}) for g in GRANULARITIES)]
)
def test_with_keras_layers_leaves_none_of_ours(name, hps):
    rebuilt = rebuild(convolutional(), variant(name), VALUES | hps).model
    x = some_rows(rebuilt)
    before = rebuilt(x)
    ours = [type(layer) for layer in rebuilt.layers]
    with with_keras_layers(rebuilt) as plain:
        assert all(type(layer).__module__.startswith("keras.") for layer in plain.layers)
        np.testing.assert_allclose(plain(x), before, rtol=1e-6)
    assert [type(layer) for layer in rebuilt.layers] == ours
    np.testing.assert_array_equal(rebuilt(x), before)


def test_weights_that_are_pruned_at_inference_are_exported_as_zeros():
    rebuilt = rebuild(dense(), variant("variational"), VALUES | {"granularity": "weight"})
    rebuilt.layers[0].rho.assign(np.full((5, 4), 9.0))
    x = some_rows(rebuilt.model)
    before = rebuilt.model(x)
    with with_keras_layers(rebuilt.model) as plain:
        assert np.all(plain.layers[0].kernel == 0)
        np.testing.assert_allclose(plain(x), before, rtol=1e-6)


def test_concrete_is_exported_at_the_learned_rate():
    rebuilt = rebuild(dense(), variant("concrete"), VALUES)
    rebuilt.layers[0].rho.assign(-1.0)
    with with_keras_layers(rebuilt.model) as plain:
        assert plain.layers[1].rate == pytest.approx(1 / (1 + np.e))
