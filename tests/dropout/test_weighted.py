"""Layers with noise on their weights: what all of them keep to."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from _weighted_layers import L, dense, normal, numpy

from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.targeted import TargetedDropout


def connect(scope):
    return lambda rate, layer, **settings: DropConnect(layer, rate, mask_scope=scope, **settings)


def target(level):
    def make(drop_prob, layer, **settings):
        return TargetedDropout(layer, 0.5, drop_prob, level=level, **settings)

    return make


LAYERS = {
    "gaussian": (connect("gaussian"), "rate"),
    "batch": (connect("batch"), "rate"),
    "example": (connect("example"), "rate"),
    "weight": (target("weight"), "drop_prob"),
    "unit": (target("unit"), "drop_prob"),
}

every_layer = pytest.mark.parametrize(("make", "cell"), LAYERS.values(), ids=LAYERS)

not_by_example = pytest.mark.parametrize(
    "make", [make for name, (make, _) in LAYERS.items() if name != "example"]
)


def built(make, value, seed=1, **settings):
    """A layer around `dense`, built, and `dense` as it is without the variant."""
    keras.utils.set_random_seed(0)
    layer = make(value, dense(**settings), seed=seed)
    layer(normal(2, 8))
    return layer, layer.layer


@every_layer
def test_inference_is_the_plain_layer_bit_by_bit(make, cell):
    layer, plain = built(make, 0.5)
    assert np.array_equal(layer(normal(9, 8)), plain(normal(9, 8)))


@not_by_example
def test_noise_zero_is_the_plain_layer_bit_by_bit(make):
    layer, plain = built(make, 0.0)
    assert np.array_equal(layer(normal(9, 8), training=True), plain(normal(9, 8)))


def test_one_kernel_by_example_is_the_plain_layer_at_rate_zero():
    """The products are summed in another order, so not bit by bit."""
    layer, plain = built(connect("example"), 0.0)
    x = normal(9, 8)
    np.testing.assert_allclose(layer(x, training=True), plain(x), rtol=1e-5, atol=1e-6)


@not_by_example
@pytest.mark.parametrize(
    ("plain", "shape"),
    [
        (L.Conv1D(4, 3, padding="causal", dilation_rate=2), (2, 9, 3)),
        (L.Conv2D(6, 3, strides=2, padding="same", groups=3), (2, 9, 9, 3)),
        (L.Conv3D(4, 2, activation="relu"), (2, 4, 4, 4, 3)),
        (L.Dense(4, use_bias=False), (2, 5, 3)),
    ],
    ids=["conv1d", "conv2d", "conv3d", "dense"],
)
def test_every_weighted_layer_is_computed_as_keras_does(make, plain, shape):
    layer = make(0.0, type(plain).from_config(plain.get_config()))
    x = normal(*shape)
    layer(x)
    layer.layer.set_weights([normal(*w.shape) for w in layer.layer.weights])
    assert np.array_equal(layer(x, training=True), layer.layer(x))
    assert layer.compute_output_shape(x.shape) == layer(x).shape


@every_layer
def test_a_training_call_leaves_the_stored_weights(make, cell):
    layer, plain = built(make, 0.5)
    before = [w.copy() for w in plain.get_weights()]
    noisy = layer(normal(9, 8), training=True)
    assert all(map(np.array_equal, before, plain.get_weights()))
    assert not np.allclose(noisy, plain(normal(9, 8)))


@every_layer
def test_equal_seeds_repeat_and_others_differ(make, cell):
    x = normal(9, 8)
    one, again, other = (numpy(built(make, 0.5, seed)[0](x, training=True)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.slow
@every_layer
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_an_assigned_value_takes_effect_without_a_trace(make, cell, jit):
    layer, plain = built(make, 0.0)
    traces, x = [], tf.constant(normal(9, 8))

    @tf.function(jit_compile=jit)
    def call(x):
        traces.append(1)
        return layer(x, training=True)

    np.testing.assert_allclose(call(x), plain(x), rtol=1e-5, atol=1e-6)
    getattr(layer, cell).scalar.assign(0.6)
    assert not np.allclose(call(x), plain(x))
    assert len(traces) == 1


@every_layer
def test_compiled_and_eager_agree(make, cell):
    eager, compiled = (built(make, 0.5)[0] for _ in range(2))
    call = tf.function(lambda x: compiled(x, training=True))
    x = tf.constant(normal(9, 8))
    np.testing.assert_allclose(call(x), eager(x, training=True), rtol=1e-5, atol=1e-6)


@every_layer
def test_bfloat16_is_that_of_the_wrapped_layer(make, cell):
    layer, plain = built(make, 0.5, dtype="mixed_bfloat16")
    out = layer(normal(9, 8), training=True)
    assert (layer.dtype_policy.name, out.dtype) == ("mixed_bfloat16", tf.bfloat16)
    assert (plain.kernel.dtype, getattr(layer, cell).scalar.dtype) == ("float32", "float32")
    assert np.array_equal(numpy(layer(normal(9, 8)) == plain(normal(9, 8))), np.ones((9, 6)))


@every_layer
def test_config_round_trip_keeps_everything(make, cell):
    layer = make(0.3, dense(dtype="mixed_bfloat16", activity_regularizer="l2"), seed=5)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.dtype_policy.name) == (layer.layer.name, "mixed_bfloat16")


@every_layer
def test_file_and_clone_round_trips_restore_weights_and_cells(make, cell, tmp_path):
    model = keras.Sequential([keras.Input((8,)), make(0.3, dense()), L.Dense(2)])
    getattr(model.layers[0], cell).scalar.assign(0.6)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert getattr(again.layers[0], cell).value == pytest.approx(0.6)
    assert np.array_equal(again(normal(9, 8)), model(normal(9, 8)))
    copy = keras.models.clone_model(model).layers[0]
    assert getattr(copy, cell).value == pytest.approx(0.3)


@every_layer
def test_unknown_batch_sizes_and_a_short_last_batch_work(make, cell):
    model = keras.Sequential([keras.Input((8,)), make(0.5, dense()), L.Dense(2)])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(normal(10, 8), np.zeros((10, 2)), batch_size=4, verbose=0)
    assert model.predict(normal(7, 8), batch_size=4, verbose=0).shape == (7, 2)


@every_layer
def test_gradients_of_rows_without_a_signal_are_finite(make, cell):
    layer, plain = built(make, 0.5)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.zeros((3, 8), "float32"), training=True) ** 2)
    gradients = tape.gradient(loss, [w.value for w in plain.weights])
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)


@every_layer
def test_a_regularizer_of_the_output_counts_once(make, cell):
    layer = make(0.0, dense(activity_regularizer=keras.regularizers.L2(0.1)))
    out = numpy(layer(normal(9, 8), training=True))
    assert float(sum(layer.losses)) == pytest.approx(0.1 * np.sum(out**2) / 9, rel=1e-5)


@pytest.mark.parametrize(
    ("plain", "shape"),
    [
        (L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"), (4, 5)),
        (L.EinsumDense("abde,def->abf", (None, 6), activation="relu"), (3, 2, 4)),
        (L.DepthwiseConv1D(3, padding="same", depth_multiplier=2), (6, 4)),
        (L.DepthwiseConv2D(3, strides=2, activation="relu"), (7, 7, 4)),
        (L.Conv1DTranspose(5, 3, strides=2), (6, 4)),
        (L.Conv2DTranspose(5, 3, strides=2, padding="same", output_padding=1), (6, 6, 4)),
        (L.Conv3DTranspose(2, 2), (3, 3, 3, 2)),
    ],
    ids=lambda each: type(each).__name__,
)
@pytest.mark.parametrize("scope", ["gaussian", "batch"])
def test_layers_that_are_linear_in_their_kernel_are_themselves_without_noise(plain, shape, scope):
    x = normal(3, *shape)
    wanted = plain(x)
    layer = DropConnect(plain, 0.5, mask_scope=scope)
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-5, atol=1e-6)
    noisy = np.mean([layer(x, training=True) for _ in range(3)], axis=0)
    assert not np.allclose(noisy, wanted)
    layer.rate.scalar.assign(0.0)
    np.testing.assert_allclose(layer(x, training=True), wanted, rtol=1e-4, atol=1e-5)
