"""Finding dropout places and rebuilding models."""

import dataclasses

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.dropout.rebuild import find_sites, rebuild, with_keras_layers
from tuner.dropout.scheduled import BASES
from tuner.dropout.variant import Replacement
from tuner.errors import UsageError
from tuner.schema import VARIANTS
from tuner.training.signature import signature

L = keras.layers
VALUES = {
    "rate": 0.4,
    "shape": "linear_down",
    "target_fraction": 0.5,
    "drop_prob": 0.6,
    "n_train": 100,
    "n_steps": 100,
    "task": "regression",
}


def variant(name):
    return importer.load(VARIANTS[name])


def dense():
    return keras.Sequential(
        [keras.Input((5,)), L.Dense(4, activation="relu"), L.Dropout(0.3, name="mark"), L.Dense(2)]
    )


def convolutional():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            L.Conv2D(4, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Dropout(0.3),
            L.Flatten(),
            L.Dense(6),
            L.Activation("relu"),
            L.GaussianDropout(0.2),
            L.Dense(2),
        ]
    )


def branched():
    x = inputs = keras.Input((5,))
    noisy = L.Dropout(0.1, name="input_mark")(inputs)
    left = L.Dropout(0.2)(L.Dense(5, activation="tanh")(noisy))
    x = L.Dropout(0.3)(L.BatchNormalization()(L.Dense(5, activation="relu")(L.Add()([x, left]))))
    return keras.Model(inputs, L.Dense(2)(x))


def nested():
    inner = keras.Sequential([keras.Input((5,)), L.Dense(5, activation="relu"), L.Dropout(0.3)])
    inputs = keras.Input((5,))
    return keras.Model(inputs, L.Dense(2)(inner(L.Dense(5)(inputs))))


def recurrent():
    return keras.Sequential(
        [
            keras.Input((6, 3)),
            L.LSTM(4, return_sequences=True),
            L.Dropout(0.3),
            L.LSTM(4),
            L.Dense(2),
        ]
    )


MODELS = [dense, convolutional, branched, nested, recurrent]
every_model = pytest.mark.parametrize("make", MODELS)
WEIGHT_NOISE = ["dropconnect", "targeted"]
FITS = {"concrete": [dense, convolutional, nested], "variational": [dense, convolutional, nested]}
ACTIVATION_NOISE = ["none", "standard", "gaussian", "scheduled"]


def some_rows(model, n=7):
    return np.random.default_rng(0).normal(size=(n, *model.input_shape[1:])).astype("float32")


def test_sites_say_what_stands_before_the_mark():
    first, second = find_sites(convolutional())
    assert (first.feeder.__class__, first.activation, first.ndim) == (L.Conv2D, "relu", 4)
    assert (second.feeder.__class__, second.activation, second.ndim) == (L.Dense, "relu", 2)
    assert second.activation_layer is not None


def test_sites_know_normalization_and_the_input():
    sites = {site.name: site for site in find_sites(branched())}
    assert sites["input_mark"].is_input
    assert [site.normalized for site in sites.values()] == [False, False, True]


def test_marks_of_nested_models_are_found():
    assert len(find_sites(nested())) == 1


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


@every_model
@pytest.mark.parametrize("name", ACTIVATION_NOISE)
def test_a_rebuilt_model_agrees_with_the_original_without_noise(make, name):
    model = make()
    rebuilt = rebuild(model, variant(name), VALUES).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [dense, convolutional, nested])
@pytest.mark.parametrize("name", WEIGHT_NOISE)
def test_noise_on_weights_is_put_in_with_the_weights_as_they_were(make, name):
    model = make()
    rebuilt = rebuild(model, variant(name), VALUES)
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
def test_a_knob_that_a_layer_cannot_have_is_refused_in_one_line(hps, match):
    conv = L.Conv2D(4, 3, activation="tanh", name="conv")
    model = keras.Sequential([keras.Input((8, 8, 1)), conv, L.Dropout(0.3)])
    with pytest.raises(UsageError, match=match):
        rebuild(model, variant("dropconnect"), VALUES | hps)


@pytest.mark.parametrize(("level", "inference"), [("weight", "pruned"), ("unit", "pruned")])
def test_an_exported_model_is_pruned_where_inference_is(level, inference):
    values = VALUES | {"level": level, "inference": inference}
    model = convolutional()
    rebuilt = rebuild(model, variant("targeted"), values).model
    x = some_rows(model)
    assert np.array_equal(with_keras_layers(rebuilt)(x), rebuilt(x))
    assert not np.allclose(rebuilt(x), model(x))


@pytest.mark.parametrize(("name", "make"), [(n, make) for n in FITS for make in FITS[n]])
def test_a_model_with_learned_rates_agrees_without_noise_and_is_noisy_in_training(name, make):
    model = make()
    rebuilt = rebuild(model, variant(name), VALUES).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-5, atol=1e-6)
    assert not np.allclose(rebuilt(x, training=True), model(x))
    assert len(rebuilt.trainable_weights) == len(model.trainable_weights) + len(find_sites(model))


@every_model
@pytest.mark.parametrize("name", ["standard", "gaussian"])
def test_a_rebuilt_model_is_noisy_in_training(make, name):
    model = make()
    rebuilt = rebuild(model, variant(name), VALUES).model
    x = some_rows(model)
    assert not np.allclose(rebuilt(x, training=True), model(x))


def test_none_is_not_noisy_in_training():
    rebuilt = rebuild(dense(), variant("none"), {"rate": 0.0}).model
    x = some_rows(rebuilt)
    assert np.array_equal(rebuilt(x, training=True), rebuilt(x))


def test_the_original_is_left_as_it_was():
    model = dense()
    rebuild(model, variant("alpha"), VALUES)
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


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(UsageError, match="subclassed Own"):
        find_sites(Own())


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
    rebuilt = rebuild(model, dataclasses.replace(variant("none"), at=at), {"rate": 0.1}).model
    x = some_rows(model)
    np.testing.assert_allclose(rebuilt(x), model(x), rtol=1e-6)
    assert not np.allclose(rebuilt(x, training=True), model(x))


@every_model
def test_equal_structures_have_equal_signatures_whatever_the_rate(make):
    one, two = (
        rebuild(make(), variant("scheduled"), {**VALUES, "rate": rate, "shape": shape}).model
        for rate, shape in ((0.1, "late"), (0.7, "linear_up"))
    )
    assert signature(one) == signature(two)


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


def test_other_bases_are_other_structures():
    models = [
        rebuild(convolutional(), variant("scheduled"), {"base": base, **VALUES}).model
        for base in ("standard", "spatial", "gaussian", "dropconnect")
    ]
    assert len({signature(model) for model in models}) == len(models)


@pytest.mark.parametrize(
    ("name", "cells", "structural"),
    [
        ("dropconnect", {"rate": 0.1}, {"mask_scope": "batch"}),
        ("targeted", {"target_fraction": 0.9, "drop_prob": 0.2, "ramp": True}, {"level": "unit"}),
    ],
)
def test_knobs_in_cells_keep_the_structure_and_others_change_it(name, cells, structural):
    one, same, other = (
        signature(rebuild(convolutional(), variant(name), VALUES | hps).model)
        for hps in ({}, cells, structural)
    )
    assert one == same != other


@pytest.mark.parametrize("make", FITS["concrete"])
@pytest.mark.parametrize(
    ("name", "hps"),
    [
        ("concrete", {"length_scale": 0.5, "entropy_weight": 3.0, "temperature": 0.2}),
        ("variational", {"kl_weight": 0.5, "warmup_frac": 0.3}),
    ],
)
def test_first_rates_and_numeric_knobs_do_not_change_the_structure(make, name, hps):
    one = rebuild(make(), variant(name), VALUES).model
    other = rebuild(make(), variant(name), {**VALUES, "rate": 0.1, "n_train": 7, **hps}).model
    assert signature(one) == signature(other)


@pytest.mark.parametrize("hps", [{"noise": "A"}, {"granularity": "layer"}])
def test_noise_and_granularity_change_the_structure(hps):
    one = rebuild(dense(), variant("variational"), VALUES).model
    assert signature(one) != signature(rebuild(dense(), variant("variational"), VALUES | hps).model)


@pytest.mark.parametrize("name", ["none", "gaussian"])
def test_other_variants_have_other_signatures(name):
    assert signature(rebuild(dense(), variant(name), VALUES).model) != signature(
        rebuild(dense(), variant("standard"), VALUES).model
    )


def test_another_width_has_another_signature():
    wide = keras.Sequential([keras.Input((5,)), L.Dense(9), L.Dropout(0.3), L.Dense(2)])
    narrow = keras.Sequential([keras.Input((5,)), L.Dense(4), L.Dropout(0.3), L.Dense(2)])
    assert signature(wide) != signature(narrow)


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
