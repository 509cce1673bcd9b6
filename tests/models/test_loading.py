"""A definition's model: which params it reads, which axes it brings, and files of fresh weights."""

import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.data.dataset import Split
from tuner.data.spec import Spec
from tuner.errors import UsageError
from tuner.models import DEFAULT_AXES
from tuner.models.loading import Reads, build_model, default_axes, open_model

SPEC = Spec((4,), 3, "classification")


def test_params_remember_which_of_them_were_read():
    params = Reads({"width": 8, "depth": 1, "units": 3})
    assert (params["width"], params.get("depth"), params.get("nothing", 5)) == (8, 1, 5)
    assert params.read == {"width", "depth", "nothing"}


def test_a_model_brings_axes_of_its_own_or_gets_the_usual_ones():
    assert default_axes(open_model("cnn"))["width"] == (8, 16, 32)
    assert default_axes(open_model("mlp")) == DEFAULT_AXES


def test_a_saved_model_starts_from_fresh_weights(tmp_path):
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3)]
    saved = keras.Sequential([keras.Input((4,)), *layers])
    saved.save(tmp_path / "mine.keras")
    built = open_model(str(tmp_path / "mine.keras"))({}, SPEC)
    assert [w.shape for w in built.weights] == [w.shape for w in saved.weights]
    assert not np.allclose(built.weights[0], saved.weights[0])


def test_a_saved_model_keeps_its_weights_where_that_is_asked_for(tmp_path):
    layers = [keras.layers.Dense(8), keras.layers.Dropout(0.2), keras.layers.Dense(3)]
    saved = keras.Sequential([keras.Input((4,)), *layers])
    saved.layers[0].trainable = False
    saved.save(tmp_path / "mine.keras")
    built = open_model(str(tmp_path / "mine.keras"), keeps=True)({}, SPEC)
    assert all(map(np.array_equal, built.get_weights(), saved.get_weights()))
    assert not built.layers[0].trainable


def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(UsageError, match="cannot be loaded in safe mode") as error:
        open_model(str(tmp_path / "text.keras"))
    assert "\n" not in str(error.value)


def test_an_axis_that_is_not_there_is_named():
    with pytest.raises(UsageError, match=r"reads params\['width'\].*give \[space\] width"):
        build_model(open_model("mlp"), {"depth": 1}, SPEC, "mlp")


FUNCTIONS = """
import keras
def made(units, n):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units), keras.layers.Dense(n)])
def of_both(params, spec):
    return made(params["units"], spec.n_outputs)
def of_params(params):
    return made(params["units"], 3)
def of_hp(hp):
    return made(hp["units"], 3)
def of_spec(spec):
    return made(5, spec.n_outputs)
def of_nothing():
    return made(5, 3)
def with_defaults(spec=None, units=5):
    return made(units, spec.n_outputs)
def the_other_way_round(spec, params):
    return made(params["units"], spec.n_outputs)
def of_anything(*given):
    return made(given[0]["units"], given[1].n_outputs)
def of_more(params, spec, more):
    return None
def of_keras_tuner(hp):
    return made(hp.Int("units", min_value=8, max_value=64), 3)
def of_optuna(trial):
    return made(trial.suggest_int("units", 8, 64), 3)
def wrong(params):
    return made({}["relu"], 3)
def wrong_inside(params):
    return made(-params["units"], 3)
"""


@pytest.fixture
def functions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loaded_model.py").write_text(FUNCTIONS)
    yield
    sys.modules.pop("loaded_model", None)


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    "name",
    [
        "of_both",
        "of_params",
        "of_hp",
        "of_spec",
        "of_nothing",
        "with_defaults",
        "the_other_way_round",
        "of_anything",
    ],
)
def test_a_build_function_takes_params_and_spec_or_what_it_needs_of_them(name):
    reference = f"loaded_model:{name}"
    model = build_model(open_model(reference), {"units": 5}, SPEC, reference)
    assert [layer.units for layer in model.layers] == [5, 3]


@pytest.mark.usefixtures("functions")
def test_a_function_of_more_is_refused():
    with pytest.raises(UsageError, match=r"expected build\(params, spec\), got build\(p"):
        open_model("loaded_model:of_more")


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "of_keras_tuner",
            r"hp.Int\('units', ...\) is KerasTuner's: .* read params\['units'\] there",
        ),
        (
            "of_optuna",
            r"trial.suggest_int\('units', ...\) is Optuna's: tuner calls build\(params, s",
        ),
        ("wrong", r"KeyError: 'relu' \(loaded_model.py, line 28, in wrong\)$"),
        ("wrong_inside", r"ValueError: .* \(loaded_model.py, line 4, in made\)$"),
    ],
)
def test_a_function_of_another_kind_or_that_raises_is_told_in_one_line(name, said):
    reference = f"loaded_model:{name}"
    with pytest.raises(UsageError, match=said) as error:
        build_model(open_model(reference), Reads({"units": 5}), SPEC, reference)
    assert "\n" not in str(error.value)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(3)

    def call(self, rows):
        return self.last(rows)


def test_a_model_without_a_graph_has_its_weights_once_it_is_built_for_the_data():
    rows = Split(np.ones((2, 4), "float32"), np.zeros(2))
    bare, built = (
        build_model(lambda params, spec: Subclassed(), {}, SPEC, "mine", each)
        for each in (None, rows)
    )
    assert (len(bare.weights), len(built.weights)) == (0, 2)


def test_a_saved_model_keeps_its_compile_its_vocabulary_and_what_it_was_adapted_to(tmp_path):
    words, numbers = keras.Input((1,), dtype="string"), keras.Input((2,))
    lookup, normalize = (
        keras.layers.StringLookup(output_mode="one_hot"),
        keras.layers.Normalization(),
    )
    lookup.adapt(["a", "b"])
    normalize.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    x = keras.layers.Concatenate()([lookup(words), normalize(numbers)])
    saved = keras.Model([words, numbers], keras.layers.Dense(3)(x))
    saved.compile(keras.optimizers.SGD(0.25, clipnorm=1.0), loss="mae")
    saved.save(tmp_path / "mine.keras")
    build = open_model(str(tmp_path / "mine.keras"))
    first, second = build({}, SPEC), build({}, SPEC)
    given = (tf.constant([["b"]]), tf.constant([[3.0, 30.0]]))
    prepared = keras.Model(saved.inputs, x)(given).numpy().tolist()
    assert prepared[0][0] == 0
    for model in (first, second):
        before_the_last = keras.Model(model.inputs, model.layers[-1].input)
        assert before_the_last(given).numpy().tolist() == prepared
        assert (model.loss, model.optimizer.clipnorm) == ("mae", 1.0)
        assert float(model.optimizer.learning_rate) == 0.25
    assert not np.allclose(first.layers[-1].kernel, second.layers[-1].kernel)
