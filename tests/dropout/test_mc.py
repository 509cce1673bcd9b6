"""Monte Carlo dropout: means, uncertainties and repeatability of the passes."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from _passes import L, classifier, linear, numpy, rows, samples

from tuner import importer
from tuner.dropout.mc import BASES, MCDropout, uncertainty
from tuner.dropout.rebuild import rebuild
from tuner.dropout.standard import Dropout
from tuner.schema import VARIANTS


def test_at_rate_zero_all_passes_agree_and_the_model_is_the_original():
    model = classifier(0.0)
    layer = MCDropout(model, 5, "logits")
    entropy, information = (numpy(part) for part in uncertainty(layer, rows()))
    expected = keras.ops.softmax(model(rows()))
    np.testing.assert_allclose(keras.ops.softmax(layer(rows())), expected, rtol=1e-5)
    np.testing.assert_allclose(information, 0, atol=1e-6)
    assert np.all(entropy > 0)


@pytest.mark.slow
def test_the_mean_and_the_variance_behind_a_linear_layer_are_those_of_the_noise():
    model, x = linear(0.5), rows()
    drawn = samples(MCDropout(model, 4000, "values"), x)
    kernel = numpy(model.layers[-1].kernel)
    variance = (x**2) @ (kernel**2)  # rate / (1 - rate) = 1
    z = (drawn.mean(axis=0) - x @ kernel) / np.sqrt(variance / 4000)
    assert np.abs(z).max() < 4
    assert (drawn.var(axis=0) / variance).mean() == pytest.approx(1, abs=0.02)
    assert (drawn.var(axis=0) / (2 * variance)).mean() != pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("outputs", "activation", "units"),
    [("logits", None, 3), ("probabilities", "softmax", 3), ("logit", None, 1)],
)
def test_probabilities_are_averaged_and_not_logits(outputs, activation, units):
    layer, x = MCDropout(classifier(0.6, activation, units), 8, outputs), rows()
    mean = samples(layer, x).mean(axis=0)
    given = layer(x)
    to_probabilities = {"logits": keras.ops.softmax, "logit": keras.ops.sigmoid}.get(outputs)
    found = numpy(to_probabilities(given) if to_probabilities else given)
    np.testing.assert_allclose(found, mean, rtol=1e-4, atol=1e-6)


def test_averaging_logits_would_be_another_prediction():
    layer, x = MCDropout(classifier(0.6), 8, "logits"), rows()
    logits = np.mean([np.log(samples(layer, x))], axis=(0, 1))
    assert not np.allclose(keras.ops.softmax(logits), keras.ops.softmax(layer(x)), atol=1e-3)


@pytest.mark.slow
def test_the_standard_error_falls_with_the_root_of_the_passes():
    drawn = samples(MCDropout(classifier(0.5), 6400, "logits"), rows())
    errors = [
        drawn.reshape(-1, n_passes, *drawn.shape[1:]).mean(axis=1).std(axis=0).mean()
        for n_passes in (25, 400)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, abs=0.6)


def test_a_compiled_model_is_evaluated_within_another():
    model = classifier(0.5)
    model.compile("sgd", "mse", metrics=["mae"])
    whole = keras.Sequential([keras.Input((rows().shape[1],)), MCDropout(model, 3, "logits")])
    whole.compile("sgd", "mse", metrics=["mae"])
    found = whole.evaluate(rows(), np.zeros(whole(rows()).shape), verbose=0, return_dict=True)
    assert set(found) == {"loss", "mae"}


def test_passes_differ_and_each_repeats():
    layer, x = MCDropout(classifier(0.5), 20, "logits"), rows()
    drawn, again = samples(layer, x), samples(layer, x)
    assert np.array_equal(drawn, again)
    assert len({pass_.tobytes() for pass_ in drawn}) == 20


def test_two_layers_of_a_pass_have_noise_of_their_own():
    one = Dropout(0.5)
    model = keras.Sequential([keras.Input((64,)), one, Dropout(0.5)])
    drawn = numpy(MCDropout(model, 1, "values").sample(np.ones((1, 64), "float32"), 0))
    assert set(np.unique(drawn)) == {0.0, 4.0}
    assert np.mean(drawn == 0) > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("base", BASES)
def test_a_prediction_does_not_depend_on_the_rest_of_the_batch(base):
    front = [keras.Input((6, 6, 1)), L.Conv2D(4, 3, activation="relu"), L.Dropout(0.3)]
    back = [L.Flatten(), L.Dense(8, "relu"), L.Dropout(0.3), L.Dense(3)]
    model = keras.Sequential([*front, *back])
    hps = {"base": base, "passes": 4, "tau": 1.0, "target_fraction": 0.5, "drop_prob": 0.5}
    values = {"rate": 0.3, "n_train": 100, "task": "classification", **hps}
    wrapped = rebuild(model, importer.load(VARIANTS["mc"]), values).model
    x = np.random.default_rng(0).normal(size=(5, 6, 6, 1)).astype("float32")
    whole = numpy(wrapped(x))
    single = np.concatenate([numpy(wrapped(row[None])) for row in x])
    np.testing.assert_allclose(whole, single, rtol=1e-4, atol=1e-5)
    assert not np.allclose(wrapped.layers[-1].sample(x, 0), wrapped.layers[-1].sample(x, 1))


def test_the_mask_scope_for_examples_draws_one_mask_a_pass():
    model = keras.Sequential([keras.Input((8,)), L.Dense(4), L.Dropout(0.5), L.Dense(2)])
    values = {"base": "dropconnect", "mask_scope": "example", "passes": 3, "tau": 1.0}
    rest = {"rate": 0.5, "n_train": 10, "task": "regression"}
    layer = rebuild(model, importer.load(VARIANTS["mc"]), {**values, **rest}).model.layers[-1]
    same = np.repeat(rows(1), 6, axis=0)
    assert np.ptp(numpy(layer.sample(same, 0)), axis=0).max() < 1e-5


def test_normalization_statistics_do_not_move():
    inner = [L.Dense(8), L.BatchNormalization(), Dropout(0.5), L.Dense(2)]
    model = keras.Sequential([keras.Input((8,)), *inner])
    before = [numpy(w) for w in model.layers[1].weights]
    MCDropout(model, 5, "values")(rows() + 3)
    for old, new in zip(before, model.layers[1].weights, strict=True):
        assert np.array_equal(old, new)
    model(rows() + 3, training=True)  # what such a statistic does where it may move
    assert not np.array_equal(before[2], numpy(model.layers[1].weights[2]))


def test_training_goes_through_the_base_once():
    layer = MCDropout(linear(0.5), 5, "values")
    drawn = numpy(layer(np.repeat(rows(1), 40, axis=0), training=True))
    assert len(np.unique(drawn[:, 0])) > 10


def test_config_and_file_round_trips(tmp_path):
    layer = MCDropout(classifier(0.5), 7, "logits", tau=2.0)
    again = MCDropout.from_config(layer.get_config())
    assert (again.passes, again.outputs, again.tau.initial) == (7, "logits", 2.0)
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded.predict(rows(), verbose=0), model.predict(rows(), verbose=0))


@pytest.mark.slow
def test_a_fresh_process_opens_it_after_importing_the_layers_behind_keras(tmp_path):
    inputs = keras.Input((8,))
    model = keras.Model(inputs, MCDropout(classifier(0.5), 3, "logits")(inputs))
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", rows())
    lines = [
        "import keras, tuner.dropout",
        "import numpy as np",
        "model = keras.saving.load_model('model.keras')",
        "np.save('y.npy', model.predict(np.load('x.npy'), verbose=0))",
    ]
    code = "\n".join(lines)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(rows(), verbose=0))


@pytest.mark.parametrize(
    "settings", [{"passes": 0}, {"outputs": "odds"}, {"tau": 0.0}], ids=lambda s: next(iter(s))
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValueError, match="expected"):
        MCDropout(classifier(0.5), **{"passes": 5, "outputs": "logits", **settings})
