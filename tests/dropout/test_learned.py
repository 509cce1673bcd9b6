"""The variants that learn their rates: what defines them, each with a control that must fail."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from _learned_layers import LAYERS, L, built, concrete, noisy, numpy, rows, variational, whole

from tuner import importer
from tuner.dropout.concrete import ConcreteDropout
from tuner.dropout.rebuild import rebuild
from tuner.schema import VARIANTS

every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


@pytest.mark.parametrize(("make", "limit"), [(concrete, 10), (variational, 8)])
def test_the_optimizer_keeps_rho_inside_its_limits(make, limit):
    layer = built(make())
    keras.optimizers.SGD(1e6).apply([tf.ones(layer.rho.shape)], [layer.rho])
    assert np.all(numpy(layer.rho) == -limit)


@every_layer
def test_nothing_is_added_to_the_loss_of_an_evaluation(make):
    model = whole(make())
    model.compile(loss="mse")
    x, y = rows(), np.zeros((6, 2), "float32")
    loss = model.evaluate(x, y, verbose=0)
    assert loss == pytest.approx(np.mean(model.predict(x, verbose=0) ** 2), rel=1e-5)
    model(x, training=True)
    assert len(model.losses) == 1


def test_a_layer_that_is_called_twice_in_a_pass_is_penalized_once():
    layer, inputs = variational(), keras.Input((2, 4))
    model = keras.Model(inputs, L.Add()([layer(inputs[:, i]) for i in range(2)]))
    x = np.ones((3, 2, 4), "float32")
    for _ in range(2):
        model(x, training=True)
        assert [float(loss) for loss in model.losses] == [pytest.approx(float(layer.penalty()))]
    model(x)
    assert model.losses == []


@every_layer
def test_hyperparameters_change_without_a_trace(make):
    layer, traces, x = built(make(seed=1)), [], tf.constant(rows())

    def terms():
        kernel = tf.constant(rows())
        if isinstance(layer, ConcreteDropout):
            return layer.weight_term(kernel) - layer.entropy_term()
        return layer.penalty()

    @tf.function
    def call(x):
        traces.append(1)
        return tf.reduce_sum(layer(x, training=True)), terms()

    out, before = call(x)
    for name in layer.cells:
        cell = layer.rho if name == "rate" else getattr(layer, name).scalar
        cell.assign(keras.ops.add(cell, 1.0))
        after = call(x)
        assert name in ("temperature", "warmup_frac") or float(after[1]) != float(before)
    assert float(call(x)[0]) != float(out)
    assert len(traces) == 1


@pytest.mark.slow
@every_layer
def test_graph_and_eager_agree_and_xla_compiles(make):
    keras.utils.set_random_seed(1)
    one, other = built(make(seed=3)), built(make(seed=3))
    other.set_weights(one.get_weights())
    expected = noisy(one, rows())
    graph = tf.function(lambda x: other(x, training=True))(tf.constant(rows()))
    np.testing.assert_allclose(graph, expected, rtol=1e-4, atol=1e-5)
    xla = tf.function(lambda x: other(x, training=True), jit_compile=True)(tf.constant(rows()))
    assert np.all(np.isfinite(xla))


@pytest.mark.slow
@every_layer
def test_an_unknown_batch_and_a_short_last_one_train_rho(make):
    model = whole(make())
    before = numpy(model.layers[0].rho)
    model.compile(loss="mse", optimizer="adam")
    model.fit(rows(10), np.ones((10, 2)), batch_size=4, verbose=0)
    assert model.predict(rows(7), batch_size=4, verbose=0).shape == (7, 2)
    assert not np.array_equal(numpy(model.layers[0].rho), before)


@every_layer
def test_mixed_precision_keeps_rho_in_float32(make):
    layer = make(dtype="mixed_bfloat16")
    assert layer(tf.constant(rows()), training=True).dtype == tf.bfloat16
    assert layer.rho.dtype == "float32"
    assert layer.from_config(layer.get_config()).dtype_policy.name == "mixed_bfloat16"


@every_layer
def test_configuration_and_clone_keep_the_settings(make):
    model = whole(make(rate=0.2, seed=4))
    layer, copy = model.layers[0], keras.models.clone_model(model).layers[0]
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    assert copy.get_config() == layer.get_config()


@every_layer
def test_a_file_keeps_the_learned_rate_bit_by_bit(make, tmp_path):
    model = whole(make())
    rho = model.layers[0].rho
    rho.assign(np.full(rho.shape, -1.234))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(numpy(again.layers[0].rho), numpy(rho))
    assert np.array_equal(again.predict(rows(), verbose=0), model.predict(rows(), verbose=0))


@every_layer
def test_equal_seeds_repeat_and_inference_is_calm(make):
    keras.utils.set_random_seed(1)
    one, again, other = (built(make(seed=s)) for s in (1, 1, 2))
    again.set_weights(one.get_weights())
    assert np.array_equal(noisy(one, rows()), noisy(again, rows()))
    other.set_weights(one.get_weights())
    assert not np.array_equal(noisy(one, rows()), noisy(other, rows()))
    assert np.array_equal(numpy(one(rows())), numpy(one(rows())))


def negative_bound(model, layer, x, y, kernel):
    """-ELBO / N at precision 1 but for constants, from NumPy: of concrete, or of type B."""
    squares = 0.5 * np.square(y - model.predict(x, verbose=0)).sum(axis=1).mean()
    if layer == "concrete":
        p, scale = 0.2, 0.5**2 / (2 * 50)
        entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
        return squares + scale * np.sum(kernel**2) / (1 - p) - kernel.shape[0] / 50 * entropy
    log_alpha = math.log(0.2 / 0.8)
    k1, k2, k3 = 0.63576, 1.8732, 1.48695  # Molchanov et al. 2017, equation 14
    gain = k1 / (1 + math.exp(-(k2 + k3 * log_alpha))) - 0.5 * math.log1p(math.exp(-log_alpha))
    return squares + kernel.size * (k1 - gain) / 50


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("name", ["concrete", "variational"])
def test_beside_a_mean_of_squares_a_penalty_is_as_large_as_the_bound_has_it(name, n_targets):
    """The mean over k squared errors is 2 / k times their likelihood: so are the penalties."""
    keras.utils.set_random_seed(0)
    front = [keras.Input((4,)), L.Dense(5), L.Dropout(0.1), L.Dense(n_targets, use_bias=False)]
    values = {"rate": 0.2, "n_train": 50, "task": "regression"}
    values |= {"length_scale": 0.5} if name == "concrete" else {"kl_weight": 1.0}
    model = rebuild(keras.Sequential(front), importer.load(VARIANTS[name]), values).model
    x, y = rows(6), np.random.default_rng(1).normal(size=(6, n_targets)).astype("float32")
    model(x, training=True)
    penalty = float(sum(model.losses))
    kernel = (
        numpy(model.layers[-1].kernel)
        if name == "concrete"
        else numpy(model.layers[0].layer.kernel)
    )
    loss = np.square(y - model.predict(x, verbose=0)).mean() + penalty
    expected = 2 / n_targets * negative_bound(model, name, x, y, kernel)
    assert loss == pytest.approx(expected, rel=1e-4)


def test_a_precision_of_mc_weighs_the_penalty_of_its_base():
    losses = {}
    for tau in (1.0, 4.0):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), L.Dense(5), L.Dropout(0.1), L.Dense(2)])
        values = {"rate": 0.2, "n_train": 50, "task": "regression", "base": "concrete"}
        mc = {**values, "passes": 3, "tau": tau}
        rebuilt = rebuild(model, importer.load(VARIANTS["mc"]), mc).model
        rebuilt(rows(), training=True)
        losses[tau] = float(sum(rebuilt.losses))
    assert losses[1.0] == pytest.approx(4 * losses[4.0], rel=1e-5)
