"""What every layer of a variant must do, over a table of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.variants.alpha import AlphaDropout
from tuner.variants.dropconnect import DropConnect
from tuner.variants.gaussian import GaussianDropout
from tuner.variants.scheduled import Scheduled
from tuner.variants.standard import Dropout


def spatial(rate, **settings):
    return Dropout(rate, noise_shape=(None, 1, 1, None), **settings)


def connected(mask_scope):
    """DropConnect around a layer that computes the identity of three features."""

    def make(rate, dtype=None, **settings):
        unit = keras.layers.Dense(3, use_bias=False, kernel_initializer="identity", dtype=dtype)
        return DropConnect(unit, rate, mask_scope=mask_scope, **settings)

    return make


def scheduled(rate, **settings):
    return Scheduled(Dropout(rate, **settings), rate, shape="constant")


ACTIVATION_LAYERS = {
    "standard": Dropout,
    "spatial": spatial,
    "gaussian": GaussianDropout,
    "alpha": AlphaDropout,
    "scheduled": scheduled,
}
LAYERS = ACTIVATION_LAYERS | {
    "dropconnect": connected("gaussian"),
    "dropconnect by example": connected("example"),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


def rows(n=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 4, 4, 3)).astype("float32")


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@every_layer
def test_rate_zero_is_the_identity_bit_by_bit(make):
    assert np.array_equal(numpy(make(0.0)(rows(), training=True)), rows())


@every_layer
def test_inference_is_the_identity_bit_by_bit(make):
    assert np.array_equal(numpy(make(0.5)(rows(), training=False)), rows())


@every_layer
def test_training_is_not_the_identity(make):
    assert not np.array_equal(numpy(make(0.5)(rows(), training=True)), rows())


@every_layer
def test_equal_seeds_repeat_and_others_differ(make):
    one, again, other = (numpy(make(0.5, seed=s)(rows(), training=True)) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@every_layer
def test_two_calls_draw_two_masks(make):
    layer = make(0.5, seed=1)
    assert not np.array_equal(*(numpy(layer(rows(), training=True)) for _ in range(2)))


@every_layer
def test_examples_of_a_batch_get_different_noise(make):
    same = np.repeat(np.abs(rows(1)) + 1, 8, axis=0)
    out = numpy(make(0.5, seed=1)(same, training=True))
    assert not all(np.array_equal(out[0], row) for row in out[1:])


@every_layer
def test_changing_the_rate_takes_effect_without_a_trace(make):
    layer, traces = make(0.0, seed=1), []
    layer(rows())

    @tf.function
    def call(x):
        traces.append(1)
        return layer(x, training=True)

    x = tf.constant(rows())
    assert np.array_equal(call(x), x)
    layer.rate.scalar.assign(0.5)
    assert not np.array_equal(call(x), x)
    assert len(traces) == 1


def test_a_rate_that_is_a_python_number_does_not_take_effect():
    layer = keras.layers.Dropout(0.1, seed=1)
    call = tf.function(lambda x: layer(x, training=True))
    before = float(np.mean(call(tf.ones((1000, 100))) == 0))
    layer.rate = 0.9
    assert float(np.mean(call(tf.ones((1000, 100))) == 0)) == pytest.approx(before, abs=0.02)


@every_layer
def test_compiled_and_eager_agree(make):
    eager, compiled = make(0.4, seed=3), make(0.4, seed=3)
    call = tf.function(lambda x: compiled(x, training=True))
    expected = numpy(eager(rows(), training=True))
    np.testing.assert_allclose(call(tf.constant(rows())), expected, rtol=1e-5, atol=1e-6)


@every_layer
def test_xla_compiles_it(make):
    """XLA draws other random bits, so only the noise itself is compared."""
    layer, x = make(0.0, seed=3), tf.constant(rows(64) + 5)
    layer(x)
    call = tf.function(lambda x: layer(x, training=True), jit_compile=True)
    assert np.array_equal(call(x), x)
    layer.rate.scalar.assign(0.5)
    assert not np.array_equal(call(x), x)
    assert np.mean(call(x)) == pytest.approx(5, abs=3)


@every_layer
def test_bfloat16_keeps_its_dtype_and_small_rates(make):
    layer = make(0.3, seed=1, dtype="mixed_bfloat16")
    out = layer(tf.ones((64, 8, 8, 8), tf.bfloat16), training=True)
    assert out.dtype == tf.bfloat16
    assert layer.rate.scalar.dtype == "float32"


def test_bfloat16_drops_a_small_rate_as_often_as_float32():
    x = tf.ones((1000, 1000), tf.bfloat16)
    dropped = np.mean(
        numpy(keras.ops.cast(Dropout(0.003, seed=1)(x, training=True), "float32")) == 0
    )
    assert abs(dropped - 0.003) < 5 * np.sqrt(0.003 * 0.997 / 1e6)


@every_layer
def test_unknown_batch_sizes_and_a_short_last_batch_work(make):
    ends = [keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((4, 4, 3)), make(0.5), *ends])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(rows(10), np.zeros((10, 2)), batch_size=4, verbose=0)
    assert model.predict(rows(7), batch_size=4, verbose=0).shape == (7, 2)


@every_layer
def test_config_round_trip_keeps_rate_shape_and_policy(make):
    layer = make(0.3, seed=5, dtype="mixed_bfloat16")
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.dtype_policy.name == "mixed_bfloat16"


@every_layer
def test_file_round_trip_restores_an_assigned_rate(make, tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), make(0.3), keras.layers.Flatten()])
    model.layers[0].rate.scalar.assign(0.6)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.layers[0].rate.value == pytest.approx(0.6)
    assert np.array_equal(again.predict(rows(), verbose=0), model.predict(rows(), verbose=0))


@every_layer
def test_cloning_a_model_keeps_the_layer(make):
    model = keras.Sequential([keras.Input((4, 4, 3)), make(0.3)])
    assert keras.models.clone_model(model).layers[0].rate.value == pytest.approx(0.3)


@every_layer
def test_gradients_reach_the_input_and_follow_the_mask(make):
    x, layer = tf.constant(rows() + 10), make(0.5, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = layer(x, training=True)
    gradient = tape.gradient(out, x)
    assert gradient is not None
    assert np.all(np.isfinite(gradient))


@every_layer
@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_a_rate_that_is_no_probability_below_one_is_refused(make, rate):
    with pytest.raises(ValueError, match="probability of dropping"):
        make(rate)


@pytest.mark.parametrize("make", ACTIVATION_LAYERS.values(), ids=ACTIVATION_LAYERS)
def test_as_keras_gives_a_layer_of_keras_with_the_rate_now(make):
    layer = make(0.2)
    layer.rate.scalar.assign(0.7)
    layer(rows(), training=True)
    plain = layer.as_keras()
    assert type(plain).__module__.startswith("keras.")
    assert plain.rate == pytest.approx(0.7)
