"""Exported models: layers of Keras at the rates of the moment."""

import numpy as np
import pytest
from _models import VALUES, WEIGHT_NOISE, convolutional, dense, some_rows, variant

from tuner.dropout.rebuild import rebuild, with_keras_layers


@pytest.mark.parametrize(("level", "inference"), [("weight", "pruned"), ("unit", "pruned")])
def test_an_exported_model_is_pruned_where_inference_is(level, inference):
    values = VALUES | {"level": level, "inference": inference}
    model = convolutional()
    rebuilt = rebuild(model, variant("targeted"), values).model
    x = some_rows(model)
    assert np.array_equal(with_keras_layers(rebuilt)(x), rebuilt(x))
    assert not np.allclose(rebuilt(x), model(x))


NOISY = ("standard", "gaussian", "scheduled", "alpha", "concrete", *WEIGHT_NOISE)

EXPORTED = [(name, {}) for name in NOISY]

GRANULARITIES = ("neuron", "layer", "weight")


@pytest.mark.parametrize(
    ("name", "hps"), [*EXPORTED, *(("variational", {"granularity": g}) for g in GRANULARITIES)]
)
def test_with_keras_layers_leaves_none_of_ours(name, hps):
    rebuilt = rebuild(convolutional(), variant(name), VALUES | hps).model
    plain = with_keras_layers(rebuilt)
    assert all(type(layer).__module__.startswith("keras.") for layer in plain.layers)
    x = some_rows(plain)
    np.testing.assert_allclose(plain(x), rebuilt(x), rtol=1e-6)


def test_weights_that_are_pruned_at_inference_are_exported_as_zeros():
    rebuilt = rebuild(dense(), variant("variational"), VALUES | {"granularity": "weight"})
    rebuilt.layers[0].rho.assign(np.full((5, 4), 9.0))
    plain = with_keras_layers(rebuilt.model)
    assert np.all(plain.layers[0].kernel == 0)
    np.testing.assert_allclose(plain(some_rows(plain)), rebuilt.model(some_rows(plain)), rtol=1e-6)


def test_concrete_is_exported_at_the_learned_rate():
    rebuilt = rebuild(dense(), variant("concrete"), VALUES)
    rebuilt.layers[0].rho.assign(-1.0)
    assert with_keras_layers(rebuilt.model).layers[1].rate == pytest.approx(1 / (1 + np.e))
