"""Adversarial dropout: the worst mask within a budget."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner import importer
from tuner.dropout._masks import budget, worst_mask
from tuner.dropout.adversarial import AdversarialDropout, divergence, renormalised
from tuner.dropout.rebuild import rebuild
from tuner.schema import VARIANTS

L = keras.layers
VARIANT = importer.load(VARIANTS["adversarial"])


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def rows(n=32, features=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features)).astype("float32")


def labels(n=32):
    return tf.constant(np.arange(n) % 3)


def cross_entropy(y, outputs):
    return keras.losses.sparse_categorical_crossentropy(y, outputs, from_logits=True)


def model(width=64, normalized=False, **values):
    """A classifier with adversarial dropout on its last hidden layer, and the layer."""
    keras.utils.set_random_seed(0)
    middle = [L.BatchNormalization()] if normalized else []
    hidden = [L.Dense(width, "relu"), L.Dropout(0.5), *middle, L.Dense(width, "relu")]
    original = keras.Sequential([keras.Input((6,)), *hidden, L.Dropout(0.5), L.Dense(3)])
    built = rebuild(original, VARIANT, {"rate": 0.1, **values})
    (layer,) = built.layers
    return built.model, layer


def of_budget(layer, net, x, y):
    """The mask that the loss finds, its slopes, and D with any other mask."""
    net(x, training=True)
    first = layer.masks.used

    def loss_with(mask):
        layer.masks.given = tf.constant(mask)
        try:
            return cross_entropy(y, net(x, training=True))
        finally:
            layer.masks.given = None

    mask = tf.Variable(first)
    with tf.GradientTape() as tape:
        layer.masks.given = tf.convert_to_tensor(mask)
        total = tf.reduce_sum(cross_entropy(y, net(x, training=True)))
    layer.masks.given = None
    slopes = tape.gradient(total, mask)
    return numpy(worst_mask(first, slopes, layer.rate.tensor)), numpy(slopes), loss_with


def test_only_the_last_mark_is_masked_and_inference_is_the_identity():
    net, layer = model()
    assert [type(each) for each in net.layers].count(L.Dropout) == 1
    assert np.array_equal(numpy(layer(rows())), rows())
    assert net.layers[-2] is layer


def test_without_a_base_rate_training_starts_from_all_units():
    _, layer = model()
    assert np.array_equal(numpy(layer(rows(), training=True)), rows())
    assert np.array_equal(numpy(layer.masks.used), np.ones((32, 6)))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_flips_stay_within_the_budget_and_only_those_that_pay(rate):
    net, layer = model(rate=rate)
    mask, slopes, _ = of_budget(layer, net, rows(), labels())
    assert set(np.unique(mask)) <= {0.0, 1.0}
    n_flips = (mask == 0).sum(axis=-1)
    assert n_flips.max() <= int(64 * rate)
    assert n_flips.mean() > 0.5 * int(64 * rate)
    assert np.all(slopes[mask == 0] < 0)


def test_the_worst_mask_beats_two_hundred_random_ones_of_its_budget():
    net, layer = model(rate=0.1)
    x, y = 2 * rows(64), labels(64)
    mask, _, loss_with = of_budget(layer, net, x, y)
    clean, worst = (np.mean(loss_with(each)) for each in (np.ones_like(mask), mask))
    generator = np.random.default_rng(0)
    draws = []
    for _ in range(200):
        order = generator.random(mask.shape).argsort(axis=-1)
        draws.append(np.mean(loss_with((order >= 6).astype("float32"))))
    assert worst > clean
    assert worst > max(draws)
    assert min(draws) < clean  # a random mask is not the worst


def test_a_larger_budget_does_more_harm():
    harm = []
    for rate in (0.02, 0.05, 0.1, 0.3):
        net, layer = model(rate=rate)
        mask, _, loss_with = of_budget(layer, net, rows(), labels())
        harm.append(np.mean(loss_with(mask)))
    assert harm == sorted(harm)


@pytest.mark.parametrize("n_flips", [1, 2, 3])
def test_the_flips_are_the_best_ones_to_first_order(n_flips):
    generator = np.random.default_rng(n_flips)
    mask = (generator.random((5, 8)) < 0.6).astype("float32")
    slopes = generator.normal(size=(5, 8)).astype("float32")
    found = numpy(worst_mask(tf.constant(mask), tf.constant(slopes), (n_flips + 0.5) / 8))
    for row, slope, flipped in zip(mask, slopes, found, strict=True):
        gains = {
            places: sum(slope[i] * (1 - 2 * row[i]) for i in places)
            for n in range(n_flips + 1)
            for places in itertools.combinations(range(8), n)
        }
        assert np.array_equal(np.flatnonzero(row != flipped), max(gains, key=gains.get))


def test_small_gains_are_told_apart_beside_large_losses():
    slopes = tf.constant([[1e6, -1e-6, -3e-6, 1e6, -2e-6]])
    found = numpy(worst_mask(tf.ones((1, 5)), slopes, 0.4))
    assert found.tolist() == [[1.0, 1.0, 0.0, 1.0, 0.0]]


def test_a_budget_below_one_unit_is_one_and_of_zero_is_none():
    assert float(budget(0.005, 8)) == 1
    assert float(budget(0.0, 8)) == 0
    assert float(budget(0.3, 10)) == 3


def test_at_rate_zero_the_worst_loss_is_the_clean_one():
    net, _ = model(rate=0.0, sadd_weight=1.0)
    outputs = net(rows(), training=True)
    worst = VARIANT.loss(net, rows(), labels(), outputs, cross_entropy)
    assert float(worst) == pytest.approx(float(np.mean(cross_entropy(labels(), outputs))))


def test_no_gradient_flows_through_the_mask():
    _, layer = model()
    slopes = tf.Variable(rows())
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(
            worst_mask(tf.ones((32, 6)), tf.convert_to_tensor(slopes), layer.rate.tensor)
        )
    assert tape.gradient(total, slopes) is None


def test_the_mask_is_scaled_for_each_example():
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], "float32")
    assert np.array_equal(numpy(renormalised(tf.constant(mask))), mask * [[2.0], [1.0]])


def test_whole_maps_are_masked_behind_a_convolution():
    front = [L.Conv2D(8, 3, activation="relu"), L.Dropout(0.5), L.Flatten(), L.Dense(3)]
    built = rebuild(keras.Sequential([keras.Input((6, 6, 1)), *front]), VARIANT, {"rate": 0.3})
    x = np.random.default_rng(0).random((5, 6, 6, 1)).astype("float32")
    outputs = built.model(x, training=True)
    assert built.layers[0].masks.used.shape == (5, 1, 1, 8)
    assert np.isfinite(VARIANT.loss(built.model, x, labels(5), outputs, cross_entropy))


def test_normalization_statistics_move_once():
    net, _ = model(normalized=True, sadd_weight=1.0)
    (normalization,) = (each for each in net.layers if isinstance(each, L.BatchNormalization))
    outputs = net(rows() + 3, training=True)
    after_one = [numpy(weight) for weight in normalization.weights]
    VARIANT.loss(net, rows() + 3, labels(), outputs, cross_entropy)
    for expected, weight in zip(after_one, normalization.weights, strict=True):
        assert np.array_equal(expected, numpy(weight))
    net(rows() + 3, training=True)  # what a second pass would have done
    assert not np.array_equal(after_one[2], numpy(normalization.weights[2]))


@pytest.mark.parametrize("kind", ["kl", "qe"])
def test_a_divergence_between_outputs_has_no_slope_at_equal_masks(kind):
    net, layer = model(divergence=kind, base_rate=0.3)
    target = net(rows(), training=True)
    largest = {}
    for name, mask in {
        "equal": layer.masks.used,
        "another": tf.constant((rows(32, 64) > -0.5).astype("float32")),
    }.items():
        with tf.GradientTape() as tape:
            tape.watch(mask)
            layer.masks.given = mask
            total = tf.reduce_sum(
                divergence(kind, net, labels(), target, net(rows(), training=True))
            )
        layer.masks.given = None
        largest[name] = np.abs(tape.gradient(total, mask)).max()
    assert largest["equal"] < 1e-6
    assert largest["another"] > 1e-4


@pytest.mark.parametrize("kind", ["kl", "qe"])
def test_divergences_are_those_of_probabilities_and_of_targets(kind):
    p, q = np.array([[0.7, 0.3]]), np.array([[0.4, 0.6]])
    net = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    found = divergence(kind, net, tf.constant([1]), np.log(p), np.log(q))
    expected = {"kl": (p * np.log(p / q)).sum(), "qe": ((p - q) ** 2).mean()}
    assert float(found[0]) == pytest.approx(expected[kind], rel=1e-5)
    one = keras.Sequential([keras.Input((2,)), L.Dense(1)])
    odds = [np.log(each[:, :1] / each[:, 1:]) for each in (p, q)]
    assert float(divergence(kind, one, tf.constant([1]), *odds)[0]) == pytest.approx(
        expected[kind], rel=1e-5
    )
    values = divergence(kind, net, tf.constant([[0.0]]), p, q)
    assert float(values[0]) == pytest.approx({"kl": 0.09, "qe": 0.09}[kind], rel=1e-5)


def test_the_worst_mask_of_a_regression_is_found_too():
    hidden = [L.Dense(16, "relu"), L.Dropout(0.5), L.Dense(1)]
    built = rebuild(keras.Sequential([keras.Input((6,)), *hidden]), VARIANT, {"rate": 0.2})
    y = tf.constant(rows(features=1, seed=1))

    def squared(y, outputs):
        return tf.reduce_mean(tf.square(outputs - y), axis=-1)

    outputs = built.model(rows(), training=True)
    worst = VARIANT.loss(built.model, rows(), y, outputs, squared)
    assert float(worst) > float(tf.reduce_mean(squared(y, outputs)))


def test_what_cannot_be_is_refused():
    for settings in ({"divergence": "ce"}, {"weight": -1}, {"divergence": "kl"}, {"rate": 1.0}):
        with pytest.raises(ValueError, match="expected"):
            AdversarialDropout(**{"rate": 0.1, **settings})


def test_config_and_file_round_trips(tmp_path):
    layer = AdversarialDropout(
        0.1, divergence="kl", weight=2.0, base_rate=0.3, noise_shape=(None, 1, None), seed=5
    )
    assert AdversarialDropout.from_config(layer.get_config()).get_config() == layer.get_config()
    net, _ = model()
    net.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(again.predict(rows(), verbose=0), net.predict(rows(), verbose=0))
