"""Finding dropout places and rebuilding models."""

import dataclasses

import keras
import numpy as np
import pytest
from _models import (
    FITS,
    VALUES,
    WEIGHT_NOISE,
    L,
    branched,
    convolutional,
    dense,
    every_model,
    nested,
    recurrent,
    some_rows,
    variant,
)

from tuner.dropout.rebuild import copy_of_model, find_sites, rated, rebuild
from tuner.dropout.scheduled import BASES
from tuner.dropout.variant import Replacement
from tuner.errors import UsageError

ACTIVATION_NOISE = ["none", "standard", "gaussian", "scheduled"]


@every_model
@pytest.mark.parametrize("name", ACTIVATION_NOISE)
def test_a_rebuilt_model_agrees_with_the_original_without_noise(make, name):
    model = make()
    rebuilt = rebuild(copy_of_model(model), variant(name), VALUES).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [dense, convolutional, nested])
@pytest.mark.parametrize("name", WEIGHT_NOISE)
def test_noise_on_weights_is_put_in_with_the_weights_as_they_were(make, name):
    model = make()
    rebuilt = rebuild(copy_of_model(model), variant(name), VALUES)
    x = some_rows(model)
    assert np.array_equal(rebuilt.model(x), model(x))
    assert not np.allclose(rebuilt.model(x, training=True), model(x))
    assert len(rebuilt.layers) == len(find_sites(model))


@pytest.mark.parametrize(
    ("hps", "match"),
    [
        ({"mask_scope": "example"}, "'conv' is a Conv2D; use 'gaussian' or 'batch'"),
        ({"inference": "gaussian"}, "needs activation='relu' in layer 'conv', which has 'tanh'"),
    ],
)
def test_a_hyperparameter_that_a_layer_cannot_have_is_refused_in_one_line(hps, match):
    conv = L.Conv2D(4, 3, activation="tanh", name="conv")
    model = keras.Sequential([keras.Input((8, 8, 1)), conv, L.Dropout(0.3)])
    with pytest.raises(UsageError, match=match):
        rebuild(model, variant("dropconnect"), VALUES | hps)


@pytest.mark.parametrize(("name", "make"), [(n, make) for n in FITS for make in FITS[n]])
def test_a_model_with_learned_rates_agrees_without_noise_and_is_noisy_in_training(name, make):
    model = make()
    rebuilt = rebuild(copy_of_model(model), variant(name), VALUES).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-5, atol=1e-6)
    assert not np.allclose(rebuilt(x, training=True), model(x))
    assert len(rebuilt.trainable_weights) == len(model.trainable_weights) + len(find_sites(model))


@every_model
@pytest.mark.parametrize("name", ["standard", "gaussian"])
def test_a_rebuilt_model_is_noisy_in_training(make, name):
    model = make()
    rebuilt = rebuild(copy_of_model(model), variant(name), VALUES).model
    x = some_rows(model)
    assert not np.allclose(rebuilt(x, training=True), model(x))


def test_none_is_not_noisy_in_training():
    rebuilt = rebuild(dense(), variant("none"), {"rate": 0.0}).model
    x = some_rows(rebuilt)
    assert np.array_equal(rebuilt(x, training=True), rebuilt(x))


def test_a_copy_leaves_the_original_as_it_was():
    model = dense()
    rebuild(copy_of_model(model), variant("alpha"), VALUES)
    assert [type(layer) for layer in model.layers] == [L.Dense, L.Dropout, L.Dense]
    assert model.layers[0].activation.__name__ == "relu"


@pytest.mark.parametrize("make", [dense, convolutional])
def test_alpha_turns_the_blocks_to_selu_and_lecun_normal(make):
    rebuilt = rebuild(make(), variant("alpha"), VALUES)
    for site in rebuilt.model.layers:
        if isinstance(site, L.Dense | L.Conv2D) and site is not rebuilt.model.layers[-1]:
            assert type(site.kernel_initializer).__name__ == "LecunNormal"
    activations = [getattr(layer, "activation", None) for layer in rebuilt.model.layers]
    names = [function.__name__ for function in activations if function is not None]
    assert names.count("selu") == len(rebuilt.layers)
    assert "relu" not in names


@pytest.mark.parametrize(
    ("name", "make", "match"),
    [
        ("spatial", dense, "'mark' drops a vector"),
        ("alpha", branched, "follows a normalization layer"),
        ("alpha", recurrent, "no Dense or Conv layer feeds"),
        *((name, recurrent, "no Dense or Conv layer feeds") for name in WEIGHT_NOISE),
        *((name, branched, "layer feeds 'input_mark'") for name in WEIGHT_NOISE),
        ("concrete", branched, "what follows 'dropout.*' is not one Dense or Conv layer"),
        ("concrete", recurrent, "what follows 'dropout.*' is not one Dense or Conv layer"),
        ("variational", branched, "no Dense or Conv layer feeds 'input_mark'"),
        ("variational", recurrent, "no Dense or Conv layer feeds"),
    ],
)
def test_a_variant_that_does_not_fit_names_the_layer_and_an_alternative(name, make, match):
    with pytest.raises(UsageError, match=match) as error:
        rebuild(make(), variant(name), VALUES)
    assert "use 'standard'" in str(error.value)
    assert "\n" not in str(error.value)


def test_spatial_drops_maps_at_convolutions_and_units_at_vectors():
    maps, vector = rebuild(convolutional(), variant("spatial"), VALUES).layers
    assert maps.noise_shape == (None, 1, 1, None)
    assert vector.noise_shape is None


def test_a_model_without_a_mark_says_how_to_mark():
    with pytest.raises(UsageError, match=r"keras\.layers\.Dropout"):
        find_sites(keras.Sequential([keras.Input((3,)), L.Dense(2)]))


def test_a_model_without_an_input_shape_is_refused():
    with pytest.raises(UsageError, match=r"begin it with keras\.Input"):
        find_sites(keras.Sequential([L.Dense(3), L.Dropout(0.2)]))


def test_a_variant_may_replace_the_weighted_layer_and_keep_its_weights():
    class Doubled(L.Dense):
        def call(self, inputs, training=False):
            return super().call(inputs) * (2.0 if training else 1.0)

    def at(site, values):
        return Replacement(L.Identity(), feeder=Doubled.from_config(site.feeder.get_config()))

    model = dense()
    twice = dataclasses.replace(variant("none"), at=at, looks=True)
    rebuilt = rebuild(copy_of_model(model), twice, {"rate": 0.1}).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-6)
    assert not np.allclose(rebuilt(x, training=True), model(x))


@pytest.mark.parametrize("base", BASES)
def test_a_schedule_sets_the_rate_of_its_base(base):
    values = {"base": base, "rate": 0.6, "shape": "linear_down", "n_steps": 10}
    rebuilt = rebuild(convolutional(), variant("scheduled"), values)
    bare = rebuild(convolutional(), variant(base), values)
    assert [type(layer.layer) for layer in rebuilt.layers] == [type(layer) for layer in bare.layers]
    for progress, rate in ((0.0, 0.6), (0.5, 0.3), (1.0, 0.0)):
        for layer in rebuilt.layers:
            layer.step.scalar.assign(10 * progress)
        noisy = rebuilt.model(some_rows(rebuilt.model), training=True)
        assert [layer.layer.rate.value for layer in rebuilt.layers] == pytest.approx([rate] * 2)
    np.testing.assert_allclose(noisy, rebuilt.model(some_rows(rebuilt.model)), rtol=1e-5)


@pytest.mark.parametrize("base", ["concrete", "variational", "scheduled", "mc"])
def test_a_schedule_needs_a_base_whose_rate_can_be_set(base):
    assert base not in BASES


def test_a_shallower_model_has_the_rate_of_each_kind():
    inputs = keras.Input((4, 3))
    x = L.MultiHeadAttention(1, 3, dropout=0.5)(inputs, inputs)
    model = keras.Model(inputs, L.Dense(2)(L.Dropout(0.5)(L.Flatten()(x))))
    kinds = ["attention", "units", "attention", "units", "units"]
    rates = [0.1, 0.3, 0.1, 0.3, 0.3]
    sites, found = rated(find_sites(model), {"rate": 0.3, "rates": rates, "kinds": kinds})
    assert [(site.kind, rate) for site, rate in zip(sites, found, strict=True)] == [
        ("attention", 0.1),
        ("units", 0.3),
    ]
