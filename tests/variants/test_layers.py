"""What every layer of a variant must do, over a table of them; on TensorFlow and on JAX."""

import keras
import numpy as np
import pytest
from _backends import BACKEND, compiled, gradients, numpy

from tuner import importer
from tuner.variants import VARIANTS
from tuner.variants.adversarial import AdversarialDropout
from tuner.variants.alpha import AlphaDropout
from tuner.variants.concrete import ConcreteDropout
from tuner.variants.dropconnect import DropConnect
from tuner.variants.gaussian import GaussianDropout
from tuner.variants.mc import MonteCarlo
from tuner.variants.scheduled import Scheduled
from tuner.variants.standard import Dropout
from tuner.variants.targeted import TargetedDropout
from tuner.variants.variational import VariationalDropout

L = keras.layers
SHAPE = (4, 4, 3)


def rows(n=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *SHAPE)).astype("float32")


def spatial(rate, **settings):
    return Dropout(rate, noise_shape=(None, 1, 1, None), **settings)


def scheduled(layer):
    def make(rate, **settings):
        return Scheduled(layer(rate, **settings), rate, shape="constant")

    return make


def connected(mask_scope):
    """DropConnect around a layer that computes the identity of three features."""

    def make(rate, dtype=None, **settings):
        unit = L.Dense(3, use_bias=False, kernel_initializer="identity", dtype=dtype)
        return DropConnect(unit, rate, mask_scope=mask_scope, **settings)

    return make


def around(wrapper, **knobs):
    """A wrapper around a layer of three features with weights of many sizes."""

    def make(rate, dtype=None, **settings):
        drawn = keras.initializers.RandomNormal(stddev=1.0, seed=1)
        unit = L.Dense(3, kernel_initializer=drawn, dtype=dtype)
        return wrapper(unit, rate, **knobs, **settings)

    return make


def targeted(level):
    def wrapper(unit, rate, **settings):
        return TargetedDropout(unit, 0.7, rate, level=level, **settings)

    return around(wrapper)


def concrete(rate, **settings):
    return ConcreteDropout(rate, n_train=100, **settings)


def adversarial(rate, **settings):
    return AdversarialDropout(0.1, base_rate=rate, **settings)


def monte_carlo(rate, **settings):
    inner = keras.Sequential(
        [keras.Input(SHAPE), Dropout(rate, **settings), L.Flatten(dtype=settings.get("dtype"))]
    )
    return MonteCarlo(inner, 3, "values", dtype=settings.get("dtype"))


ACTIVATION_LAYERS = {
    "standard": Dropout,
    "spatial": spatial,
    "gaussian": GaussianDropout,
    "alpha": AlphaDropout,
    "scheduled": scheduled(Dropout),
    "scheduled gaussian": scheduled(GaussianDropout),
}
RATED = ACTIVATION_LAYERS | {
    "dropconnect": connected("gaussian"),
    "dropconnect by example": connected("example"),
    "scheduled dropconnect": scheduled(connected("gaussian")),
}
"""Layers with a `rate` to assign, that compute the identity at rate 0."""

LEARNED = {"concrete": concrete} | {
    f"variational {noise} {granularity}": around(
        VariationalDropout, n_train=100, noise=noise, granularity=granularity
    )
    for noise, granularity in [
        ("B", "neuron"),
        ("B", "layer"),
        ("B", "weight"),
        ("A", "neuron"),
        ("A", "layer"),
    ]
}
LAYERS = (
    RATED
    | LEARNED
    | {
        "targeted": targeted("weight"),
        "targeted by unit": targeted("unit"),
        "adversarial": adversarial,
        "mc": monte_carlo,
    }
)
ONE_MASK_A_STEP = ("targeted", "targeted by unit")
ALWAYS_NOISY = ("mc",)

rated = pytest.mark.parametrize("make", RATED.values(), ids=RATED)
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


def but(*names):
    """Every layer but some."""
    kept = {name: make for name, make in LAYERS.items() if name not in names}
    return pytest.mark.parametrize("make", kept.values(), ids=kept)


def classifier(layer):
    return keras.Sequential([keras.Input(SHAPE), layer, L.Flatten(), L.Dense(2)])


def test_no_layer_is_left_out():
    for reference in VARIANTS.values():
        importer.load(reference)
    ours = {name for name in keras.saving.get_custom_objects() if name.startswith("tuner>")}
    tested = set()
    for make in LAYERS.values():
        layer = make(0.3)
        layer(rows())
        inner = layer._flatten_layers()
        tested |= {keras.saving.get_registered_name(type(each)) for each in inner}
    assert ours - tested == set()


@rated
def test_rate_zero_is_the_identity_bit_by_bit(make):
    assert np.array_equal(numpy(make(0.0)(rows(), training=True)), rows())


@rated
def test_inference_is_the_identity_bit_by_bit(make):
    assert np.array_equal(numpy(make(0.5)(rows(), training=False)), rows())


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


@but(*ONE_MASK_A_STEP)
def test_examples_of_a_batch_get_different_noise(make):
    same = np.repeat(np.abs(rows(1)) + 1, 8, axis=0)
    out = numpy(make(0.5, seed=1)(same, training=True))
    assert not all(np.array_equal(out[0], row) for row in out[1:])


@rated
def test_changing_the_rate_takes_effect_without_a_trace(make):
    layer = make(0.0, seed=1)
    call = compiled(layer, rows())
    assert np.array_equal(call(rows()), rows())
    layer.rate.scalar.assign(0.5)
    assert not np.array_equal(call(rows()), rows())
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
def test_xla_compiles_it(make):
    """On TensorFlow it draws other random bits there, so only that there is noise is compared."""
    layer = make(0.5, seed=3)
    call = compiled(layer, rows(64), xla=True)
    once, again = call(rows(64)), call(rows(64))
    assert np.all(np.isfinite(once))
    assert not np.array_equal(once, again)
    assert len(call.traces) == 1


@every_layer
def test_bfloat16_keeps_its_dtype_and_the_cells_float32(make):
    layer = make(0.3, seed=1, dtype="mixed_bfloat16")
    x = keras.ops.cast(rows(), "bfloat16")
    for training in (True, False):
        assert keras.backend.standardize_dtype(layer(x, training=training).dtype) == "bfloat16"
    cells = [v for v in layer.non_trainable_weights if v.name == "scalar"]
    assert cells
    assert {v.dtype for v in cells} == {"float32"}


def test_bfloat16_drops_a_small_rate_as_often_as_float32():
    x = keras.ops.ones((1000, 1000), "bfloat16")
    out = keras.ops.cast(Dropout(0.003, seed=1)(x, training=True), "float32")
    assert abs(np.mean(numpy(out) == 0) - 0.003) < 5 * np.sqrt(0.003 * 0.997 / 1e6)


@every_layer
def test_fit_evaluate_and_predict_with_short_last_batches(make):
    model = classifier(make(0.5))
    model.compile(loss="mse", optimizer="sgd")
    y = np.zeros((10, 2), "float32")
    model.fit(rows(10), y, batch_size=4, verbose=0)
    assert np.isfinite(model.evaluate(rows(10), y, batch_size=4, verbose=0))
    assert model.predict(rows(7), batch_size=4, verbose=0).shape == (7, 2)


@every_layer
def test_config_round_trip_keeps_settings_and_policy(make):
    layer = make(0.3, seed=5, dtype="mixed_bfloat16")
    layer(rows())
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.dtype_policy.name == "mixed_bfloat16"


@every_layer
def test_file_round_trip_keeps_weights_and_assigned_cells(make, tmp_path):
    model = classifier(make(0.3))
    for variable in model.layers[0].weights:
        variable.assign(variable + 0.01)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for new, old in zip(again.weights, model.weights, strict=True):
        assert np.array_equal(numpy(new), numpy(old))
    assert np.array_equal(again.predict(rows(), verbose=0), model.predict(rows(), verbose=0))


@every_layer
def test_a_clone_is_the_same_layer(make):
    model = classifier(make(0.3))
    clone = keras.models.clone_model(model)
    assert clone.layers[0].get_config() == model.layers[0].get_config()
    clone.set_weights(model.get_weights())
    assert np.array_equal(clone.predict(rows(), verbose=0), model.predict(rows(), verbose=0))


@every_layer
def test_gradients_reach_the_input_and_every_weight(make):
    layer = make(0.5, seed=1)
    found = gradients(layer, rows() + 10)
    assert len(found) == 1 + len(layer.trainable_weights)
    for gradient in found:
        assert gradient is not None
        assert np.all(np.isfinite(gradient))
        assert np.any(gradient != 0)


@rated
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


def test_the_suite_runs_on_the_backend_it_was_told():
    import os

    assert os.environ["KERAS_BACKEND"] == BACKEND
