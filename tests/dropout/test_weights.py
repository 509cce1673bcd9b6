"""Variants that change weights: what every one must do, and the property that defines each."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.dropout import targeted
from tuner.dropout._ranking import smallest, targets
from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.standard import Dropout
from tuner.dropout.targeted import TargetedDropout, growth

L = keras.layers


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def is_rate(observed, rate, n):
    """Within five standard errors of a Bernoulli fraction."""
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


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


def dense(units=6, **settings):
    return L.Dense(units, activation="relu", bias_initializer="ones", **settings)


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


# What defines DropConnect


def ones(units, **settings):
    return L.Dense(units, use_bias=False, kernel_initializer="ones", **settings)


def has_mixed_rows(kernel):
    """Whether zeros are those of single weights: some in every row, in none all."""
    zeros = (kernel == 0).mean(axis=1)
    return bool(np.all((zeros > 0) & (zeros < 1)))


def test_dropconnect_drops_weights_and_dropout_drops_inputs():
    probe, units = np.eye(50, dtype="float32"), ones(40)
    kernel = numpy(DropConnect(units, 0.3, mask_scope="batch", seed=1)(probe, training=True))
    assert has_mixed_rows(kernel)
    assert is_rate(np.mean(kernel == 0), 0.3, kernel.size)
    np.testing.assert_allclose(kernel[kernel != 0], 1 / 0.7, rtol=1e-6)
    assert not has_mixed_rows(numpy(units(Dropout(0.3, seed=1)(probe, training=True))))


def noise(make, x, units=8):
    """What 2,000 equal rows get in one call, less its mean."""
    same = np.repeat(x[None], 2000, axis=0)
    out = numpy(make(ones(units))(same, training=True))
    return out - out.mean(axis=0)


def largest_correlation(noise):
    correlations = np.corrcoef(noise.T)
    return np.abs(correlations - np.eye(len(correlations))).max()


@pytest.mark.parametrize("scope", ["example", "gaussian"])
def test_outputs_of_one_example_have_uncorrelated_noise(scope):
    x = np.abs(normal(10))
    own = noise(lambda layer: DropConnect(layer, 0.5, mask_scope=scope, seed=1), x)
    assert largest_correlation(own) < 5 / math.sqrt(2000)
    dropout = noise(lambda layer: keras.Sequential([Dropout(0.5, seed=1), layer]), x)
    assert largest_correlation(dropout) > 0.9


@pytest.mark.parametrize(("scope", "shared"), [("batch", 1), ("example", 0), ("gaussian", 0)])
def test_equal_rows_share_their_noise_in_scope_batch_only(scope, shared):
    x = np.repeat(normal(1, 20), 2, axis=0)
    rows = numpy(DropConnect(ones(2000), 0.5, mask_scope=scope, seed=1)(x, training=True))
    assert abs(np.corrcoef(rows)[0, 1] - shared) < (5 / math.sqrt(2000) if shared == 0 else 1e-6)


def variance_ratio(scope, rate):
    """The variance over 20,000 masks, over that of rate 0.2 in closed form, mean of 16 units."""
    x, layer = normal(10), DropConnect(L.Dense(16), rate, mask_scope=scope, seed=1)
    out = numpy(layer(np.repeat(x[None], 20_000, axis=0), training=True))
    kernel = numpy(layer.layer.kernel)
    return np.mean(out.var(axis=0) / (0.25 * np.square(x) @ np.square(kernel)))


@pytest.mark.parametrize("scope", ["example", "gaussian"])
def test_the_variance_is_that_of_independent_weights(scope):
    assert variance_ratio(scope, 0.2) == pytest.approx(1, abs=0.02)


def test_taking_the_rate_for_the_keep_probability_would_be_noticed():
    assert variance_ratio("gaussian", 0.8) == pytest.approx(16, rel=0.1)


def test_the_gradient_is_zero_where_the_mask_is():
    layer = DropConnect(ones(40), 0.5, mask_scope="batch", seed=1)
    layer(np.eye(50, dtype="float32"))
    with tf.GradientTape(persistent=True) as tape:
        kernel = layer(np.eye(50, dtype="float32"), training=True)
        plain = layer(np.eye(50, dtype="float32"))
    weights = layer.layer.kernel.value
    gradient = numpy(tape.gradient(kernel, weights))
    assert np.array_equal(gradient == 0, numpy(kernel) == 0)
    assert np.all(numpy(tape.gradient(plain, weights)) != 0)


def test_closed_form_inference_is_the_mean_over_masks_and_the_mean_weights_are_not():
    keras.utils.set_random_seed(0)
    layer = DropConnect(L.Dense(64, activation="relu"), 0.5, inference="gaussian", seed=1)
    x = normal(1, 50)
    closed = numpy(layer(x))[0]
    samples = numpy(layer(np.repeat(x, 10_000, axis=0), training=True))
    error = samples.std(axis=0) / math.sqrt(10_000)
    assert np.all(np.abs(samples.mean(axis=0) - closed) < 5 * error + 1e-5)
    by_mean_weights = numpy(layer.layer(x))[0]
    assert np.mean(np.abs(samples.mean(axis=0) - by_mean_weights) > 5 * error) > 0.5


def test_what_a_layer_cannot_do_is_refused():
    with pytest.raises(ValueError, match="'example' is for Dense layers, 'c' is a Conv2D"):
        DropConnect(L.Conv2D(3, 3, name="c"), 0.5, mask_scope="example")
    with pytest.raises(ValueError, match="needs activation='relu' in layer 'd'"):
        DropConnect(L.Dense(3, name="d"), 0.5, inference="gaussian")
    with pytest.raises(ValueError, match="expected mask_scope in"):
        DropConnect(L.Dense(3), 0.5, mask_scope="exmple")


# What defines targeted dropout


def kernels(layer, n):
    """The kernels of `n` training calls, by probing with the unit vectors."""
    probe = tf.eye(20)
    layer(probe)
    call = tf.function(lambda: layer(probe, training=True))
    return numpy(layer.layer.kernel), np.stack([numpy(call()) for _ in range(n)])


def lowest(sizes, fraction):
    """The floor(fraction * n) smallest of every column, by sorting."""
    ranks = np.argsort(np.argsort(sizes, axis=0), axis=0)
    return ranks < math.floor(fraction * len(sizes) + 1e-6)


def test_targeted_drops_the_small_weights_alone_and_rescales_none():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, seed=1)
    kernel, drawn = kernels(layer, 400)
    small = lowest(np.abs(kernel), 0.5)
    assert np.all(drawn[:, ~small] == np.broadcast_to(kernel[~small], drawn[:, ~small].shape))
    assert is_rate(np.mean(drawn[:, small] == 0), 0.3, drawn[:, small].size)
    assert np.all((drawn == 0) | (drawn == kernel))


def test_dropping_any_weight_or_rescaling_would_be_noticed():
    layer = DropConnect(L.Dense(10, use_bias=False), 0.3, mask_scope="batch", seed=1)
    kernel, drawn = kernels(layer, 400)
    assert np.any(drawn[:, ~lowest(np.abs(kernel), 0.5)] == 0)
    assert not np.any((drawn != 0) & (drawn == kernel))


FRACTIONS = (0.0, 0.25, 0.29, 0.5, 0.75, 0.9, 0.99)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_the_smallest_of_each_column_are_those_of_a_sort(fraction):
    sizes = np.stack([np.random.default_rng(i).permutation(100) for i in range(30)], axis=1)
    found = numpy(smallest(tf.constant(sizes, tf.float32), fraction))
    assert np.array_equal(found, lowest(sizes, fraction))


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_the_number_of_the_smallest_is_exact_among_random_weights(fraction):
    sizes = np.abs(normal(784, 64))
    found, sorted_ = numpy(smallest(tf.constant(sizes), fraction)), lowest(sizes, fraction)
    assert np.all(found.sum(axis=0) == math.floor(fraction * 784 + 1e-6))
    assert (found != sorted_).sum(axis=0).max() <= 2


@pytest.mark.parametrize("size", [0.0, 0.3])
def test_the_number_is_exact_among_equal_weights_where_a_threshold_finds_none(size):
    sizes = np.full((10, 3), size, "float32")
    assert np.all(numpy(smallest(tf.constant(sizes), 0.5)).sum(axis=0) == 5)
    assert not np.any(sizes < np.sort(sizes, axis=0)[5])


def test_one_weight_of_a_column_stays_whatever_the_fraction():
    assert np.all(numpy(smallest(tf.constant(np.abs(normal(10, 4))), 0.9999)).sum(axis=0) == 9)


def test_weights_are_ranked_in_their_column_and_not_in_the_kernel():
    kernel = normal(20, 2) * np.array([1.0, 100.0], "float32")
    assert np.all(numpy(targets(kernel, 0.5, "weight")).sum(axis=0) == 10)
    assert not np.all((np.abs(kernel) < np.median(np.abs(kernel))).sum(axis=0) == 10)


def test_a_column_of_a_convolution_is_a_filter():
    kernel = normal(3, 3, 4, 5)
    mask = numpy(targets(kernel, 0.5, "weight"))
    assert np.array_equal(mask.reshape(36, 5), lowest(np.abs(kernel).reshape(36, 5), 0.5))


def test_the_ranking_follows_the_weights():
    kernel = normal(20, 1)
    low, high = np.abs(kernel[:, 0]).argmin(), np.abs(kernel[:, 0]).argmax()
    swapped = kernel.copy()
    swapped[[low, high]] = kernel[[high, low]]
    before, after = (numpy(targets(k, 0.5, "weight"))[:, 0] for k in (kernel, swapped))
    assert (before[low], before[high]) == (after[high], after[low]) == (True, False)


@pytest.mark.parametrize("level", ["weight", "unit"])
@pytest.mark.parametrize(("fraction", "drop_prob"), [(0.0, 0.9), (0.9, 0.0)])
def test_nothing_targeted_or_nothing_dropped_is_the_plain_layer(level, fraction, drop_prob):
    layer = TargetedDropout(dense(), fraction, drop_prob, level=level)
    x = normal(9, 8)
    assert np.array_equal(layer(x, training=True), layer.layer(x))


@pytest.mark.parametrize("level", ["weight", "unit"])
def test_dropping_all_that_is_targeted_is_pruned_inference_bit_by_bit(level):
    layer = TargetedDropout(dense(), 0.5, 1.0, level=level, inference="pruned")
    x = normal(9, 8)
    assert np.array_equal(layer(x, training=True), layer(x))
    assert not np.allclose(layer(x), layer.layer(x))
    assert np.array_equal(layer.as_keras()(x), layer(x))


def test_level_unit_drops_whole_units_of_small_norm():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, level="unit", seed=1)
    kernel, drawn = kernels(layer, 400)
    dropped = (drawn == 0).mean(axis=1)
    small = lowest(np.square(kernel).sum(axis=0)[:, None], 0.5)[:, 0]
    assert set(np.unique(dropped)) == {0.0, 1.0}
    assert not dropped[:, ~small].any()
    assert is_rate(dropped[:, small].mean(), 0.3, dropped[:, small].size)


def test_level_weight_drops_no_whole_units():
    _, drawn = kernels(TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.3, seed=1), 20)
    assert (drawn == 0).mean(axis=1).max() <= 0.5


def test_dropped_weights_get_no_gradient_and_kept_ones_do():
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.5, seed=1)
    layer(tf.eye(20))
    with tf.GradientTape() as tape:
        kernel = layer(tf.eye(20), training=True)
    gradient = numpy(tape.gradient(kernel, layer.layer.kernel.value))
    assert np.array_equal(gradient, (numpy(kernel) != 0).astype("float32"))


@pytest.mark.parametrize(
    ("progress", "fraction", "drop_prob"),
    [(0.0, 0.0, 0.0), (0.25, 0.475, 0.25), (0.5, 0.95, 0.5), (0.75, 0.975, 0.75), (1.0, 1.0, 1.0)],
)
def test_a_ramp_follows_its_closed_form(progress, fraction, drop_prob):
    shares = [float(share) for share in growth(np.float32(progress))]
    assert shares == pytest.approx([fraction, drop_prob])


@pytest.mark.parametrize(("ramp", "rate"), [(True, 0.45 * 0.4), (False, 0.5 * 0.8)])
def test_a_ramp_drops_the_rate_of_the_moment(ramp, rate):
    layer = TargetedDropout(L.Dense(10, use_bias=False), 0.5, 0.8, ramp=ramp, n_steps=10**6, seed=1)
    layer.step.scalar.assign(10**6 / 2)
    _, drawn = kernels(layer, 200)
    assert is_rate(np.mean(drawn == 0), rate, drawn.size)


def test_the_rate_is_the_expected_dropped_fraction_and_a_ramp_has_a_smaller_mean():
    values = {"target_fraction": 0.5, "drop_prob": 0.8, "ramp": False}
    assert targeted.VARIANT.rate_of(values) == pytest.approx(0.4)
    assert targeted.VARIANT.record(values) == {}
    mean = targeted.VARIANT.record(values | {"ramp": True})["mean_rate"]
    assert mean == pytest.approx(0.4 * (1.9 / 24 + 0.9 * 3 / 8 + 0.1 * 7 / 24), rel=1e-3)


@pytest.mark.parametrize(
    ("hps", "match"),
    [
        ({"target_fraction": 1.0}, "probability of dropping"),
        ({"drop_prob": 1.1}, "probability of dropping"),
        ({"level": "filter"}, "expected level in"),
        ({"inference": "mean"}, "expected level in"),
    ],
)
def test_knobs_without_a_meaning_are_refused(hps, match):
    with pytest.raises(ValueError, match=match):
        TargetedDropout(L.Dense(3), **{"target_fraction": 0.5, "drop_prob": 0.5} | hps)
