"""The network as its owner wrote it: every site keeps its kind and its rate."""

import keras
import numpy as np
import pytest

from tuner.dropout import AlphaDropout, Dropout, GaussianDropout
from tuner.dropout.as_written import VARIANT
from tuner.dropout.rebuild import rebuild

layers = keras.layers


@pytest.mark.parametrize(
    ("written", "kind", "shape"),
    [
        (layers.Dropout(0.4), Dropout, (8,)),
        (layers.GaussianDropout(0.2), GaussianDropout, (8,)),
        (layers.AlphaDropout(0.1), AlphaDropout, (8,)),
        (layers.SpatialDropout1D(0.3), Dropout, (5, 3)),
    ],
)
def test_a_site_keeps_kind_and_rate(written, kind, shape):
    model = keras.Sequential([keras.Input(shape), written, layers.Flatten(), layers.Dense(2)])
    rate = written.rate
    (found,) = rebuild(model, VARIANT, {"rate": 0.9}).layers
    assert type(found) is kind
    assert found.rate.value == pytest.approx(rate)


def test_each_site_has_its_own_rate_whatever_the_trial_says():
    sites = [layers.Dropout(0.2), layers.Dense(8, "relu"), layers.Dropout(0.6)]
    model = keras.Sequential([keras.Input((4,)), *sites, layers.Dense(2)])
    found = rebuild(model, VARIANT, {"rate": 0.5, "rates": [0.5, 0.5]})
    assert [layer.rate.value for layer in found.layers] == pytest.approx([0.2, 0.6])


def test_it_drops_as_the_model_did():
    """A thousand passes: the share of zeros is the rate, and whole maps fall."""
    model = keras.Sequential([keras.Input((50, 20)), layers.SpatialDropout1D(0.3)])
    found = rebuild(model, VARIANT, {"rate": 0.0}).model(np.ones((100, 50, 20)), training=True)
    maps = np.asarray(found)
    assert set(np.unique((maps == 0).mean(axis=1))) <= {0.0, 1.0}
    assert (maps == 0).mean() == pytest.approx(0.3, abs=5 * (0.3 * 0.7 / 2000) ** 0.5)


def test_alpha_dropout_leaves_the_layer_before_it():
    sites = [layers.Dense(8, "relu"), layers.AlphaDropout(0.1)]
    model = keras.Sequential([keras.Input((4,)), *sites, layers.Dense(2)])
    assert (
        rebuild(model, VARIANT, {"rate": 0.1}).model.layers[0].activation is keras.activations.relu
    )
