"""What every layer of a variant must do, over a table of them; on TensorFlow and on JAX."""

import importlib
import os
import pkgutil

import keras
import numpy as np
import pytest
from _backends import BACKEND, PROGRAMS, compiled, gradients, numpy
from _layers import (
    ACTIVATION_LAYERS,
    LAYERS,
    LEARNED,
    NOT_PLAIN_AT_INFERENCE,
    ONE_MASK_A_STEP,
    RATED,
    SHAPE,
    plain,
    set_rate,
)

from tuner import dropout
from tuner.dropout._cell import RateCell
from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.standard import Dropout
from tuner.dropout.targeted import TargetedDropout
from tuner.dropout.variational import VariationalDropout
from tuner.dropout.words import WordDropout

L = keras.layers


RELATIVES = (
    "scheduled gaussian",
    "scheduled dropconnect",
    "dropconnect by example",
    "targeted by unit",
    "variational B weight",
    "variational B neuron",
    "variational A neuron",
)
"""Layers whose operations are those of others: tested under TensorFlow only, for their time."""


def over(table, but=(), quick=None):
    """The test, for the layers of a table but some; where a few are quick, the others are slow."""
    but = but if BACKEND == "tensorflow" else {*but, *RELATIVES}
    return pytest.mark.parametrize(
        "make",
        [
            pytest.param(
                make, id=name, marks=() if quick is None or name in quick else pytest.mark.slow
            )
            for name, make in table.items()
            if name not in but
        ],
    )


every_layer = over(LAYERS)
FITTED = ("standard", "dropconnect", "concrete")
"""Where each `fit` is compiled for half a minute: noise on units and on weights, learned or not."""
every_fitted = over(
    LAYERS, but=() if BACKEND == "tensorflow" else {*LAYERS} - {*FITTED}, quick=FITTED
)
rated = over(RATED)


def rows(n=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *SHAPE)).astype("float32")


def classifier(layer):
    return keras.Sequential([keras.Input(SHAPE), layer, L.Flatten(), L.Dense(2)])


def test_the_suite_runs_on_the_backend_it_was_told():
    assert os.environ["KERAS_BACKEND"] == BACKEND


def test_every_layer_is_registered_and_none_is_left_out():
    for module in pkgutil.iter_modules(dropout.__path__, "tuner.dropout."):
        importlib.import_module(module.name)
    bases = (keras.layers.Layer, keras.layers.Wrapper)
    ours = {each for base in bases for each in base.__subclasses__()}
    ours = {each for each in ours if each.__module__.startswith("tuner.dropout.")}
    apart = {RateCell, WordDropout}  # the second takes ids of words: tests/dropout/test_words.py
    assert {type(make(0.3)) for make in LAYERS.values()} | apart == ours
    assert ours <= set(keras.saving.get_custom_objects().values())


@rated
def test_rate_zero_is_the_plain_layer_bit_by_bit(make):
    layer = make(0.0)
    assert np.array_equal(numpy(layer(rows(), training=True)), numpy(plain(layer, rows())))


@over(LAYERS, but=NOT_PLAIN_AT_INFERENCE)
def test_inference_is_the_plain_layer_bit_by_bit(make):
    layer = make(0.5)
    still = numpy(layer(rows(), training=False))
    assert np.array_equal(still, numpy(plain(layer, rows())))


@every_layer
def test_inference_repeats_and_training_differs_from_it(make):
    layer = make(0.5)
    still = numpy(layer(rows()))
    assert np.array_equal(still, numpy(layer(rows(), training=False)))
    assert not np.array_equal(numpy(layer(rows(), training=True)), still)


@every_layer
def test_equal_seeds_repeat_and_others_differ(make):
    one, again, other = (numpy(make(0.5, seed=s)(rows(), training=True)) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@every_layer
def test_two_calls_draw_two_masks(make):
    layer = make(0.5, seed=1)
    assert not np.array_equal(*(numpy(layer(rows(), training=True)) for _ in range(2)))


@over(LAYERS, but=ONE_MASK_A_STEP)
def test_examples_of_a_batch_get_different_noise(make):
    same = np.repeat(np.abs(rows(1)) + 1, 8, axis=0)
    out = numpy(make(0.5, seed=1)(same, training=True))
    assert not all(np.array_equal(out[0], row) for row in out[1:])


@every_layer
@pytest.mark.parametrize("xla", PROGRAMS)
def test_changing_the_rate_takes_effect_without_a_trace(make, xla):
    layer, x = make(0.01 if make in LEARNED.values() else 0.0, seed=1), rows(64)
    call, still = compiled(layer, x, xla), numpy(plain(layer, x))
    before = np.abs(call(x) - still).mean()
    set_rate(layer, 0.5)
    once, again = call(x), call(x)
    assert np.abs(once - still).mean() > 3 * before
    assert np.all(np.isfinite(once))
    assert not np.array_equal(once, again)
    assert len(call.traces) == 1


def test_a_rate_that_is_a_python_number_does_not_take_effect():
    layer, x = L.Dropout(0.1, seed=1), np.ones((1000, 100), "float32")
    call = compiled(layer, x)
    before = np.mean(call(x) == 0)
    layer.rate = 0.9
    assert np.mean(call(x) == 0) == pytest.approx(before, abs=0.02)


@every_layer
def test_compiled_and_eager_agree(make):
    eager = numpy(make(0.4, seed=3)(rows(), training=True))
    call = compiled(make(0.4, seed=3), rows())
    np.testing.assert_allclose(call(rows()), eager, rtol=1e-4, atol=1e-5)


@every_layer
def test_bfloat16_is_the_dtype_of_the_output_and_of_no_variable(make):
    layer = make(0.3, seed=1, dtype="mixed_bfloat16")
    x = keras.ops.cast(rows(), "bfloat16")
    for training in (True, False):
        assert keras.backend.standardize_dtype(layer(x, training=training).dtype) == "bfloat16"
    assert {v.dtype for v in layer.weights if "seed" not in v.path} == {"float32"}


def test_bfloat16_drops_a_small_rate_as_often_as_float32():
    x = keras.ops.ones((1000, 1000), "bfloat16")
    out = keras.ops.cast(Dropout(0.003, seed=1)(x, training=True), "float32")
    assert abs(np.mean(numpy(out) == 0) - 0.003) < 5 * np.sqrt(0.003 * 0.997 / 1e6)


@every_fitted
def test_fit_evaluate_and_predict_with_short_last_batches(make):
    """The loss of an evaluation is that of the data, whatever training adds to it."""
    model = classifier(make(0.5, dtype="mixed_bfloat16"))
    model.compile(loss="mse", optimizer="sgd")
    y = np.zeros((10, 2), "float32")
    model.fit(rows(10), y, batch_size=4, verbose=0)
    outputs = model.predict(rows(10), batch_size=4, verbose=0)
    assert outputs.shape == y.shape
    loss = model.evaluate(rows(10), y, batch_size=4, verbose=0)
    assert loss == pytest.approx(np.mean(outputs**2), rel=1e-3)


@every_layer
def test_config_round_trip_keeps_settings_and_policy(make):
    layer = make(0.3, seed=5, dtype="mixed_bfloat16")
    layer(rows())
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.dtype_policy.name == "mixed_bfloat16"


@over(LAYERS, quick=FITTED)
def test_file_round_trip_keeps_weights_and_assigned_cells(make, tmp_path):
    model = classifier(make(0.3, dtype="mixed_bfloat16"))
    for variable in model.layers[0].weights:
        variable.assign(variable + 0.01)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for new, old in zip(again.weights, model.weights, strict=True):
        assert np.array_equal(numpy(new), numpy(old))
    assert again.layers[0].dtype_policy.name == "mixed_bfloat16"
    assert np.array_equal(numpy(again(rows())), numpy(model(rows())))


@pytest.mark.slow
@every_layer
def test_a_clone_is_the_same_layer(make):
    model = classifier(make(0.3, dtype="mixed_bfloat16"))
    clone = keras.models.clone_model(model)
    assert clone.layers[0].get_config() == model.layers[0].get_config()
    clone.set_weights(model.get_weights())
    assert np.array_equal(numpy(clone(rows())), numpy(model(rows())))


@every_layer
def test_gradients_reach_the_input_and_every_weight(make):
    layer = make(0.5, seed=1)
    found = gradients(layer, rows() + 10)
    assert len(found) == 1 + len(layer.trainable_weights)
    for gradient in found:
        assert gradient is not None
        assert np.all(np.isfinite(gradient))
        assert np.any(gradient != 0)


@every_layer
@pytest.mark.parametrize("rate", [-0.1, 1.5])
def test_a_rate_that_is_no_probability_is_refused(make, rate):
    with pytest.raises(ValueError, match="probability of dropping"):
        make(rate)


@over(LAYERS, but=("targeted", "targeted by unit"))
def test_a_rate_of_one_is_refused(make):
    """Targeted dropout may drop all that it targets: the other weights stay."""
    with pytest.raises(ValueError, match="probability of dropping"):
        make(1.0)


@over(LEARNED)
def test_a_learned_rate_of_zero_is_refused(make):
    with pytest.raises(ValueError, match="probability of dropping"):
        make(0.0)


@over(ACTIVATION_LAYERS | {"concrete": LEARNED["concrete"]})
def test_as_keras_gives_a_layer_of_keras_with_the_rate_now(make):
    layer = make(0.2)
    layer(rows())
    set_rate(layer, 0.7)
    layer(rows(), training=True)
    found = layer.as_keras()
    assert type(found).__module__.startswith("keras.")
    assert found.rate == pytest.approx(1 / (1 + np.exp(-0.7)) if make in LEARNED.values() else 0.7)


@pytest.mark.parametrize("inner", [L.Dense(3), L.Conv1D(3, 3)], ids=["dense", "conv"])
def test_a_wrapper_passes_a_mask_on_where_its_layer_does(inner):
    """Keras warns of a convolution that it ends a mask, and gives up its positions."""
    wrappers = [DropConnect(inner, 0.5), TargetedDropout(inner, 0.5, 0.5)]
    for wrapper in (*wrappers, VariationalDropout(inner, 0.5, 100)):
        assert wrapper.supports_masking == inner.supports_masking
