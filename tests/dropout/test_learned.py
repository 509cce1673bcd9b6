"""The variants that learn their rates: what defines them, each with a control that must fail."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import digamma
from scipy.stats import poisson

from tuner.dropout._gaussian import kl
from tuner.dropout.concrete import VARIANT as CONCRETE
from tuner.dropout.concrete import ConcreteDropout
from tuner.dropout.gaussian import GaussianDropout
from tuner.dropout.rebuild import rebuild
from tuner.dropout.variational import VariationalDropout

L = keras.layers


def concrete(rate=0.3, n_train=100, **settings):
    return ConcreteDropout(rate, n_train, **settings)


def variational(rate=0.3, n_train=100, units=3, **settings):
    return VariationalDropout(L.Dense(units), rate, n_train, **settings)


def sparse(**settings):
    return variational(granularity="weight", **settings)


LAYERS = {
    "concrete": concrete,
    "type B": variational,
    "type A": lambda **settings: variational(noise="A", **settings),
    "one a layer": lambda **settings: variational(granularity="layer", **settings),
    "one a weight": sparse,
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
variational_layers = pytest.mark.parametrize(
    "make", list(LAYERS.values())[1:], ids=list(LAYERS)[1:]
)


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def rows(n=6, width=4):
    return np.random.default_rng(0).normal(size=(n, width)).astype("float32")


def built(layer, *shape):
    layer.build((None, *(shape or (4,))))
    return layer


def noisy(layer, x):
    return numpy(layer(x, training=True))


def gradient(layer, value):
    """d value() / d rho."""
    with tf.GradientTape() as tape:
        result = value()
    return numpy(tape.gradient(result, layer.rho.value))


def descend(layer, value, steps):
    """The values of rho while `value` alone is minimized."""
    optimizer, path = keras.optimizers.Adam(0.1), []
    for _ in range(steps):
        optimizer.apply([tf.constant(gradient(layer, value))], [layer.rho])
        path.append(float(np.mean(numpy(layer.rho))))
    return path


# The KL divergence


def exact_kl(log_alpha):
    """1/2 E[digamma(J + 1/2) - digamma(1/2)], J ~ Poisson(1 / (2 alpha))."""
    mean = math.exp(-log_alpha) / 2
    j = np.arange(int(mean + 12 * math.sqrt(mean)) + 40)
    return 0.5 * np.sum(poisson.pmf(j, mean) * (digamma(j + 0.5) - digamma(0.5)))


GRID = np.linspace(-8, 8, 65).astype("float32")


def error_of_kl(approximation):
    return np.abs(approximation - [exact_kl(x) for x in GRID]).max()


def test_the_kl_is_within_a_hundredth_of_the_exact_one():
    assert error_of_kl(numpy(kl(GRID))) < 0.01


def test_a_kl_with_its_constants_multiplied_would_be_noticed():
    alpha = np.exp(GRID)
    wrong = 0.5 * np.log1p(1 / alpha) + 0.63576 / (1 + np.exp(1.8732 * 1.48695 * GRID))
    assert error_of_kl(wrong) > 0.01


def test_the_cubic_of_kingma_fails_beyond_alpha_one():
    alpha = np.exp(GRID)
    cubic = 0.5 * GRID + 1.16145124 * alpha - 1.50204118 * alpha**2 + 0.58629921 * alpha**3
    wrong = np.abs(-cubic + 0.6555 - [exact_kl(x) for x in GRID])
    assert wrong[GRID <= 0].max() < 0.03
    assert wrong[GRID > 0.5].max() > 1


def test_the_kl_is_positive_and_falls_with_alpha():
    values = numpy(kl(GRID))
    assert np.all(values >= 0)
    assert np.all(np.diff(values) < 0)


@variational_layers
def test_the_kl_alone_drives_the_rate_up(make):
    layer = built(make())
    path = descend(layer, layer.penalty, 20)
    assert np.all(np.diff(path) > 0)
    assert np.all(np.diff(descend(layer, lambda: -layer.penalty(), 20)) < 0)  # the usual bug


@variational_layers
@pytest.mark.parametrize("rho", [-8.0, 8.0])
def test_the_gradient_of_the_kl_is_finite_at_the_limits(make, rho):
    layer = built(make())
    layer.rho.assign(np.full(layer.rho.shape, rho))
    assert np.all(np.isfinite(gradient(layer, layer.penalty)))


def test_the_kl_is_summed_over_the_sources_of_noise():
    n_in, n_out = 4, 3
    one = float(kl(np.float32(math.log(0.3 / 0.7))))
    for settings, count in (({"noise": "A"}, n_in), ({"granularity": "layer"}, n_in * n_out)):
        penalty = float(built(variational(kl_weight=0.5, **settings)).penalty())
        assert penalty == pytest.approx(0.5 * one * count / 100, rel=1e-5)
    neuron = float(built(variational(kl_weight=0.5)).penalty())
    assert neuron == pytest.approx(0.5 * one * n_in * n_out / 100, rel=1e-5)
    assert neuron != pytest.approx(0.5 * one / 100, rel=0.1)  # a mean instead of a sum


@variational_layers
def test_the_penalty_scales_with_one_over_the_training_examples(make):
    keras.utils.set_random_seed(0)
    few, many = built(make(n_train=100)), built(make(n_train=200))
    many.layer.set_weights(few.layer.get_weights())
    assert float(few.penalty()) == pytest.approx(2 * float(many.penalty()), rel=1e-5)


@pytest.mark.parametrize(
    ("warmup", "progress", "share"), [(0.4, 0.0, 0), (0.4, 0.1, 0.25), (0.4, 0.9, 1), (0, 0, 1)]
)
def test_the_kl_is_warmed_up_in_a_straight_line(warmup, progress, share):
    whole, part = built(variational()), built(variational(warmup_frac=warmup, n_steps=1000))
    part.step.scalar.assign(1000 * progress)
    assert float(part.penalty()) == pytest.approx(
        share * float(whole.penalty()), rel=1e-5, abs=1e-6
    )


# The noise of variational dropout


def type_b(n=200_000):
    """Outputs of a type B layer for one row, repeated, and their exact mean and variance."""
    layer = built(variational(seed=1))
    layer.rho.assign(np.array([[-2.0], [-1.0], [0.0], [1.0]]))
    row, kernel = rows(1), numpy(layer.layer.kernel)
    variance = (row**2 * np.exp(numpy(layer.rho)).T) @ kernel**2
    return noisy(layer, np.repeat(row, n, axis=0)), row @ kernel, variance


def test_type_b_has_the_variance_of_independent_weights():
    out, mean, variance = type_b()
    np.testing.assert_allclose(out.var(axis=0), variance[0], rtol=0.02)
    assert np.all(np.abs(out.mean(axis=0) - mean[0]) < 5 * np.sqrt(variance[0] / len(out)))


def test_alpha_as_a_deviation_would_be_noticed():
    out, _, variance = type_b()
    assert np.abs(out.var(axis=0) / variance[0] ** 2 - 1).max() > 0.02


def test_type_b_draws_independently_for_every_row_and_output():
    out, _, _ = type_b()
    bound = 5 / math.sqrt(len(out))
    correlations = np.corrcoef(out.T)[np.triu_indices(3, 1)]
    assert np.all(np.abs(correlations) < bound)
    assert abs(np.corrcoef(out[:-1, 0], out[1:, 0])[0, 1]) < bound


def type_a(n=200_000, **settings):
    layer = built(variational(rate=0.3, units=2, noise="A", seed=1), 2)
    layer.layer.kernel.assign(np.eye(2))
    return noisy(layer, np.full((n, 2), 2.0, "float32"))


def test_type_a_is_gaussian_dropout_of_the_rate():
    n, alpha = 400_000, 0.3 / 0.7
    other = noisy(GaussianDropout(0.3, seed=2), np.full((n // 2, 2), 2.0, "float32"))
    for out in (type_a(), other):
        assert abs(out.mean() - 2) < 5 * math.sqrt(4 * alpha / n)
        assert abs(out.var() / (4 * alpha) - 1) < 5 * math.sqrt(2 / n)
    assert abs(type_a().var() / (4 * alpha**2) - 1) > 5 * math.sqrt(2 / n)


def test_type_a_noise_is_shared_by_the_outputs_of_an_input():
    layer = built(variational(units=2, noise="A", seed=1), 1)
    layer.layer.kernel.assign(np.ones((1, 2)))
    out = noisy(layer, np.ones((50, 1), "float32"))
    np.testing.assert_allclose(out[:, 0], out[:, 1])
    assert out[:, 0].std() > 0.1


@pytest.mark.parametrize("settings", [{}, {"granularity": "layer"}, {"granularity": "weight"}])
def test_convolution_noise_has_the_variance_of_independent_weights(settings):
    layer = VariationalDropout(L.Conv2D(2, 2), 0.3, 100, seed=1, **settings)
    x = np.random.default_rng(0).normal(size=(1, 3, 3, 2)).astype("float32")
    built(layer, 3, 3, 2)
    layer.layer.bias.assign([1.0, -1.0])
    out = noisy(layer, np.repeat(x, 40_000, axis=0))
    kernel, alpha = numpy(layer.layer.kernel), np.exp(numpy(layer.log_alpha()))
    patch = x[0, :2, :2, :, None]
    np.testing.assert_allclose(
        out[:, 0, 0].var(axis=0), (patch**2 * alpha * kernel**2).sum(axis=(0, 1, 2)), rtol=0.04
    )
    expected = (patch * kernel).sum(axis=(0, 1, 2)) + np.array([1, -1])
    np.testing.assert_allclose(out[:, 0, 0].mean(axis=0), expected, atol=0.05)


@pytest.mark.parametrize("noise", ["A", "B"])
def test_grouped_convolutions_take_the_noise(noise):
    layer = VariationalDropout(L.Conv1D(4, 2, groups=2), 0.3, 100, noise=noise, seed=1)
    x = np.ones((3, 5, 6), "float32")
    assert noisy(layer, x).shape == (3, 4, 4)
    assert not np.allclose(noisy(layer, x), numpy(layer(x)))


def test_inference_zeroes_exactly_the_weights_above_the_threshold():
    layer = built(sparse(units=2), 2)
    layer.layer.kernel.assign([[1.0, 1.0], [1.0, 1.0]])
    layer.rho.assign([[2.9, 3.1], [-5.0, 8.0]])
    expected = [[1.0, 0.0], [1.0, 0.0]]
    assert np.array_equal(numpy(layer(np.eye(2, dtype="float32"))), expected)
    assert np.array_equal(numpy(layer.as_keras()(np.eye(2, dtype="float32"))), expected)


def test_rates_for_neurons_prune_nothing():
    layer = built(variational(units=2), 2)
    layer.rho.assign([[8.0], [8.0]])
    assert np.array_equal(numpy(layer.inference_kernel()), numpy(layer.layer.kernel))


def test_what_cannot_be_is_refused():
    for settings in ({"noise": "C"}, {"granularity": "row"}, {"n_train": 0}, {"rate": 0.0}):
        with pytest.raises(ValueError, match="expected"):
            variational(**settings)
    with pytest.raises(ValueError, match='needs noise "B"'):
        sparse(noise="A")


# Concrete dropout


def gates(rate, temperature, n=400_000, shape=(100,), **settings):
    """1 - z, for n gates."""
    layer = concrete(rate, temperature=temperature, seed=1, **settings)
    return noisy(layer, np.ones((n // math.prod(shape), *shape), "float32")) * (1 - rate)


def is_rate(observed, rate, n):
    return abs(observed - rate) < 5 * math.sqrt(rate * (1 - rate) / n)


@pytest.mark.parametrize("temperature", [0.01, 0.1, 2 / 3])
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_a_gate_is_below_a_half_with_the_rate_at_any_temperature(temperature, rate):
    closed = float(np.mean(gates(rate, temperature) < 0.5))
    assert is_rate(closed, rate, 400_000)
    assert not is_rate(closed, 1 - rate, 400_000)  # keep for drop


def test_cold_gates_are_bernoulli_and_warm_ones_are_not():
    def ratios(temperature):
        open_ = gates(0.3, temperature, 2_000_000)
        return open_.mean() / 0.7, open_.var() / 0.21

    assert ratios(0.01) == pytest.approx((1, 1), abs=0.01)
    assert ratios(2 / 3)[1] < 0.8


def test_the_entropy_alone_draws_the_rate_to_one_half():
    layer = built(concrete(0.05))
    descend(layer, lambda: -layer.entropy_term(), 150)
    assert float(CONCRETE.learned(layer)) == pytest.approx(0.5, abs=1e-3)
    other = built(concrete(0.05))
    descend(other, other.entropy_term, 150)  # the sign turned
    assert CONCRETE.learned(other) < 0.01


def test_the_weights_alone_lower_the_rate():
    layer, kernel = built(concrete(0.4)), tf.constant(rows())
    assert np.all(np.diff(descend(layer, lambda: layer.weight_term(kernel), 30)) < 0)
    assert np.all(np.diff(descend(layer, lambda: -layer.weight_term(kernel), 30)) > 0)


@pytest.mark.parametrize("rho", [-10.0, 10.0])
def test_gradients_reach_rho_and_are_finite_at_the_limits(rho):
    layer, x = built(concrete(seed=1)), tf.constant(rows())
    layer.rho.assign(rho)
    for value in (
        lambda: tf.reduce_sum(layer(x, training=True) ** 2),
        lambda: layer.weight_term(x),
        layer.entropy_term,
    ):
        assert np.isfinite(gradient(layer, value))


def entropy(p):
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


@pytest.mark.parametrize(("shape", "n"), [((7,), 7), ((5, 5, 3), 3)])
def test_the_entropy_term_counts_units_or_maps(shape, n):
    noise_shape = (None, 1, 1, None) if len(shape) == 3 else None
    layer = built(concrete(0.2, 50, entropy_weight=3.0, noise_shape=noise_shape), *shape)
    assert float(layer.entropy_term()) == pytest.approx(3 * n * entropy(0.2) / 50, abs=1e-6)


def test_the_weight_term_is_that_of_the_paper():
    layer = built(concrete(0.2, 50, length_scale=0.5))
    expected = 0.5**2 / (2 * 50) * np.sum(rows() ** 2) / (1 - 0.2)
    assert float(layer.weight_term(rows())) == pytest.approx(expected, rel=1e-5)


def test_twice_the_training_examples_halve_both_terms():
    few, many = built(concrete(n_train=50)), built(concrete(n_train=100))
    assert float(few.entropy_term()) == pytest.approx(2 * float(many.entropy_term()))
    assert float(few.weight_term(rows())) == pytest.approx(2 * float(many.weight_term(rows())))


def test_the_mask_of_a_map_is_constant_over_space():
    x = np.ones((20, 4, 4, 3), "float32")
    whole = noisy(concrete(noise_shape=(None, 1, 1, None), seed=1), x)
    assert np.all(np.ptp(whole, axis=(1, 2)) == 0)
    assert np.ptp(whole, axis=(0, 3)).max() > 0.1
    assert np.ptp(noisy(concrete(seed=1), x), axis=(1, 2)).max() > 0.1


@pytest.mark.parametrize(("task", "factor"), [("classification", 1), ("regression", 2)])
def test_the_loss_takes_the_kernel_that_follows_and_the_kind_of_the_target(task, factor):
    model = keras.Sequential([keras.Input((4,)), L.Dense(5), L.Dropout(0.1), L.ReLU(), L.Dense(2)])
    built = rebuild(model, CONCRETE, {"rate": 0.2, "n_train": 50, "task": task}).model
    layer = built.layers[1]
    expected = float(layer.weight_term(built.layers[-1].kernel) - layer.entropy_term())
    built(rows(2), training=True)
    assert [float(loss) for loss in built.losses] == [pytest.approx(factor * expected, rel=1e-6)]


def test_in_a_subclassed_model_the_layer_that_follows_has_to_be_named():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.noise, self.after = concrete(0.2, 50), L.Dense(2)

        def call(self, inputs, training=False):
            return self.after(self.noise(inputs, training=training))

    model = Net()
    model(rows(2))
    with pytest.raises(ValueError, match=r"name it with regularize\(layer\)"):
        model(rows(2), training=True)
    model.noise.regularize(model.after)
    model(rows(2), training=True)
    assert float(model.losses[0]) == pytest.approx(float(model.noise.penalty()))


@pytest.mark.parametrize("settings", [{"rate": 0.0}, {"temperature": 0.0}, {"n_train": 0}])
def test_concrete_refuses_what_cannot_be(settings):
    with pytest.raises(ValueError, match="expected"):
        concrete(**settings)


# What every layer must do


def whole(layer):
    return keras.Sequential([keras.Input((4,)), layer, L.Dense(2)])


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
def test_knobs_change_without_a_trace(make):
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
