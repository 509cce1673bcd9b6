"""Every place where a model drops is found, whatever holds the layer."""

import re

import keras
import numpy as np
import pytest
from _networks import PATHS, L, rows, subclassed

from tuner import importer
from tuner.dropout import as_written
from tuner.dropout.places import places_of, written_without
from tuner.dropout.rebuild import rebuild, with_keras_layers
from tuner.errors import UsageError
from tuner.schema import VARIANTS

every_network = pytest.mark.parametrize("make", PATHS, ids=lambda make: make.__name__)


def unnumbered(path):
    return re.sub(r"_\d+(?=/|$)", "", path)


def put(model, name, rate=0.5, **values):
    variant = as_written.VARIANT if name == "as written" else importer.load(VARIANTS[name])
    return rebuild(model, variant, {"rate": rate, "task": "regression", "n_steps": 4, **values})


@every_network
def test_the_places_are_those_of_a_count_by_hand(make):
    found = [(unnumbered(place.path), place.kind, place.rate) for place in places_of(make())]
    assert found == [(path, kind, pytest.approx(rate)) for path, kind, rate in PATHS[make]]


def test_what_can_drop_and_is_written_without_is_told_from_places():
    x = keras.Input((4, 3))
    y = L.MultiHeadAttention(1, 2, name="heads")(x, x)
    y = L.MultiHeadAttention(1, 2, dropout=0.1, name="dropping")(y, y)
    y = L.Bidirectional(L.LSTM(2, dropout=0.2), name="both")(L.Attention(name="scores")([y, y]))
    model = keras.Model(x, y)
    found = [(unnumbered(place.path), place.kind) for place in places_of(model)]
    assert found == [
        ("dropping", "attention"),
        ("both/forward_layer/cell", "input"),
        ("both/backward_layer/cell", "input"),
    ]
    off = [(unnumbered(path), kind) for path, kind in written_without(model)]
    assert off == [
        ("heads", "attention"),
        ("scores", "attention"),
        ("both/forward_layer/cell", "recurrent"),
        ("both/backward_layer/cell", "recurrent"),
    ]


@every_network
def test_none_is_noiseless_and_changes_no_answer(make):
    model = make()
    x = rows(model)
    before = np.asarray(model(x))
    found = put(model, "none").model
    assert found is model
    np.testing.assert_allclose(found(x), before, rtol=1e-5, atol=1e-6)
    assert np.array_equal(found(x, training=True), found(x, training=True))


@pytest.mark.zoo
@every_network
@pytest.mark.parametrize("name", ["standard", "gaussian", "scheduled", "as written"])
def test_noise_of_a_variant_is_in_training_only(make, name):
    model = make()
    x = rows(model)
    before = np.asarray(model(x))
    found = put(model, name, shape="constant").model
    np.testing.assert_allclose(found(x), before, rtol=1e-5, atol=1e-6)
    assert not np.allclose(found(x, training=True), found(x, training=True))


def noisy_alone(found, run, n):
    """Whether what `run` gives varies with the rate of each of the layers of a model."""
    quiet = np.asarray(run())
    assert len(found.layers) == n
    assert np.array_equal(quiet, run())
    for layer in found.layers:
        layer.rate.scalar.assign(0.5)
        yield not np.allclose(quiet, run())
        layer.rate.scalar.assign(0.0)


@pytest.mark.zoo
@every_network
def test_each_place_alone_is_noisy_and_follows_its_cell(make):
    found = put(make(), "standard", 0.0)
    x, n = rows(found.model, 16), len(PATHS[make])
    assert all(noisy_alone(found, lambda: found.model(x, training=True), n))


@pytest.mark.zoo
@every_network
def test_mc_passes_are_noisy_at_every_place(make):
    if make is subclassed:
        pytest.skip("a wrapper needs a graph")
    found = put(make(), "mc", 0.0, passes=3, tau=1.0)
    x, n = rows(found.plain, 16), len(PATHS[make])
    assert all(noisy_alone(found, lambda: found.model(x), n))


@pytest.mark.zoo
@every_network
def test_a_network_trains_as_keras_trains_it(make):
    model = put(make(), "standard").model
    x = rows(model)
    before = [np.array(w) for w in model.trainable_weights]
    model.compile("sgd", "mse")
    model.fit(x, np.ones((len(x), 2)), verbose=0)
    moved = [not np.allclose(w, b) for w, b in zip(model.trainable_weights, before, strict=True)]
    assert any(moved)


@pytest.mark.zoo
@every_network
def test_a_saved_network_has_the_layers_of_its_owner_and_says_the_same(make, tmp_path):
    model = put(make(), "standard", 0.25).model
    x = rows(model)
    before = np.asarray(model(x))
    with with_keras_layers(model) as plain:
        assert plain is model
        rates = [place.rate for place in places_of(plain)]
        plain.save_weights(tmp_path / "plain.weights.h5")
    assert rates == pytest.approx([0.25] * len(rates))
    assert not np.allclose(model(x, training=True), before)
    fresh = make()
    fresh.load_weights(tmp_path / "plain.weights.h5")
    np.testing.assert_allclose(fresh(x), before, rtol=1e-5, atol=1e-6)


def test_stochastic_depth_drops_whole_examples():
    model = keras.Sequential([keras.Input((4, 4, 2)), L.Dropout(0.2, noise_shape=(None, 1, 1, 1))])
    for name in ("standard", "gaussian"):
        noisy = np.asarray(put(model, name).model(np.ones((50, 4, 4, 2)), training=True))
        assert np.ptp(noisy, axis=(1, 2, 3)).max() == 0
        assert np.ptp(noisy[:, 0, 0, 0]) > 0
        model = keras.Sequential(
            [keras.Input((4, 4, 2)), L.Dropout(0.2, noise_shape=(None, 1, 1, 1))]
        )


def test_an_rnn_has_one_mask_for_all_steps():
    """Inputs of one, weights of one: the state grows by the same in every step."""
    layer = L.SimpleRNN(
        1, "linear", dropout=0.5, return_sequences=True, kernel_initializer="ones",
        recurrent_initializer="ones",
    )  # fmt: skip
    model = put(keras.Sequential([keras.Input((5, 8)), layer]), "standard").model
    states = np.asarray(model(np.ones((20, 5, 8), "float32"), training=True))[..., 0]
    steps = np.diff(states, axis=1, prepend=0)
    np.testing.assert_allclose(steps, np.repeat(steps[:, :1], 5, axis=1), rtol=1e-5)
    assert np.ptp(steps[:, 0]) > 0


def test_a_layer_that_stands_in_several_models_and_closures_is_replaced_in_all():
    drop = L.Dropout(0.5)
    inputs = keras.Input((40,))
    model = keras.Model(inputs, L.Lambda(lambda x: x * 1.0)(drop(drop(inputs))))
    hidden = {"it": (lambda: drop)}
    found = put(model, "standard", 0.0)
    assert hidden["it"]() is drop is found.layers[0]
    assert np.array_equal(model(np.ones((2, 40)), training=True), np.ones((2, 40)))


def test_mc_takes_what_a_subclassed_model_takes():
    class Both(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.drop, self.head = L.Dense(8), L.Dropout(0.5), L.Dense(3, "softmax")

        def call(self, x):
            return self.head(self.drop(self.dense(keras.ops.concatenate([x["a"], x["b"]], -1))))

    x = {"a": np.ones((4, 2), "float32"), "b": np.ones((4, 3), "float32")}
    model = Both()
    model(x)
    rows = {"a": keras.KerasTensor((2,)), "b": keras.KerasTensor((3,))}
    variant = importer.load(VARIANTS["mc"])
    values = {"rate": 0.5, "task": "classification", "passes": 4, "tau": 1.0}
    found = rebuild(model, variant, values, rows).model
    answers = np.asarray(found(x))
    np.testing.assert_allclose(answers.sum(-1), 1.0, rtol=1e-5)
    assert found.layers[-1].outputs == "probabilities"
    assert not np.allclose(answers, model(x))


def test_mc_refuses_a_model_of_several_outputs():
    x = inputs = keras.Input((4,))
    x = L.Dropout(0.2)(L.Dense(4)(x))
    model = keras.Model(inputs, [L.Dense(1)(x), L.Dense(2)(x)])
    with pytest.raises(UsageError, match="use its base"):
        put(model, "mc", passes=2, tau=1.0)
