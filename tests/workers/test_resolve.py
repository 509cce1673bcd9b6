"""A definition completed against its data and model."""

import keras
import numpy as np
import pytest

from tuner import importer
from tuner.data.loading import open_dataset
from tuner.errors import UsageError
from tuner.schema import VARIANTS, Range
from tuner.study.definition import StudyDefinition
from tuner.study.space_definition import SpaceDefinition as Space
from tuner.study.study_file import override
from tuner.workers.resolve import resolve

MODEL = """
import keras
def build(params, spec):
    layers = [keras.layers.Dense(params["units"], "relu"), keras.layers.Dropout(0.5)]
    ends = keras.layers.Dense(spec.n_outputs)
    return keras.Sequential([keras.Input(spec.input_shape), *layers, ends])
def linear(params, spec):
    layers = [keras.layers.Dense(params["units"]), keras.layers.Dropout(0.5)]
    return keras.Sequential([keras.Input(spec.input_shape), *layers])
def fails(params, spec):
    raise RuntimeError("boom")
def grades(params, spec):
    model = keras.Sequential([keras.Input(spec.input_shape), keras.layers.Dropout(0.5),
                              keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model
def no_model(params, spec):
    return 3
"""

LINEAR = {"model": "resolve_model:linear", "space.units": 3}


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resolve_model.py").write_text(MODEL)


def resolved(definition, **flags):
    definition = override(definition, {key.replace("__", "."): v for key, v in flags.items()})
    return resolve(definition, open_dataset(definition.data_settings).train_validation)


def test_metric_and_variants_follow_from_the_data_and_the_model(tiny):
    result = resolved(tiny).definition
    assert (result.metric, result.task) == ("accuracy", "classification")
    assert result.space.variant == tuple(name for name in VARIANTS if name != "spatial")


def test_a_convolutional_model_gets_spatial_and_widths_of_its_own():
    space = resolved(StudyDefinition.parse({"model": "cnn"}, "test")).space
    assert "spatial" in space.variants
    assert space.axes["width"] == (8, 16, 32)


def test_each_variant_searches_its_own_range_of_rates(tiny):
    branches = resolved(tiny).space.branches
    found = {name: branch.rate for name, branch in branches.items() if branch.rate}
    variants = {name: importer.load(VARIANTS[name]) for name in found}
    assert found == {name: variant.rate for name, variant in variants.items()}
    assert (found["standard"].high, found["alpha"].high) == (0.8, 0.3)
    assert {"none", "targeted", "mc", "scheduled"}.isdisjoint(found)


def test_a_shared_range_is_narrowed_to_what_a_variant_allows(tiny):
    space = resolved(tiny, space__rate={"low": 0.1, "high": 0.5}).space
    assert (space.branches["gaussian"].rate.high, space.branches["alpha"].rate.high) == (0.5, 0.3)


def test_a_variant_that_a_shared_range_excludes_is_left_out(tiny):
    assert "alpha" not in resolved(tiny, space__rate={"low": 0.5, "high": 0.6}).space.variants


def test_a_variant_that_was_asked_for_is_not_left_out_silently(tiny):
    with pytest.raises(UsageError, match="leaves nothing for variant 'alpha'"):
        resolved(tiny, space__rate={"low": 0.5, "high": 0.6}, space__variant=["alpha"])


def test_a_variant_whose_rate_follows_from_hyperparameters_is_left_out_by_a_shared_rate(tiny):
    given = resolved(tiny, space__rate=0.3, space__targeted={"drop_prob": 0.4})
    assert "targeted" not in resolved(tiny, space__rate=0.3).space.variants
    assert given.space.branches["targeted"].hyperparameters["drop_prob"].axis == 0.4


def test_a_study_file_may_choose_what_is_not_searched_by_default(tiny):
    hps = {"mask_scope": ["batch", "example"]}
    default, chosen = (
        resolved(tiny, **flags).space.branches["dropconnect"].hyperparameters["mask_scope"].axis
        for flags in ({}, {"space__dropconnect": hps})
    )
    assert (default, chosen) == (("gaussian",), ("batch", "example"))


def test_numbers_of_a_list_may_be_others(tiny):
    hps = (
        resolved(tiny, space__targeted={"target_fraction": 0.6})
        .space.branches["targeted"]
        .hyperparameters
    )
    assert hps["target_fraction"].axis == 0.6


def test_a_hyperparameter_may_take_names_that_its_default_axis_does_not_search(tiny):
    hps = resolved(tiny, space__variational={"noise": ["B", "A"]}).space.branches["variational"]
    assert hps.hyperparameters["noise"].axis == ("B", "A")


@pytest.mark.parametrize(
    ("flags", "tau"),
    [
        ({"metric": "nll"}, Range(low=1.0, high=1000.0, log=True)),
        ({"metric": "rmse"}, 1.0),
        ({"metric": "nll", "space__mc": {"tau": 5.0}}, 5.0),
        ({"metric": "nll", "task": "classification"}, 1.0),
    ],
    ids=["density", "error", "given", "classes"],
)
def test_the_precision_of_mc_is_searched_where_the_density_of_targets_tells(tiny, flags, tau):
    result = resolved(tiny, **{"task": "regression", **flags})
    assert result.space.branches["mc"].hyperparameters["tau"].axis == tau


def test_axes_of_the_study_come_before_the_defaults(tiny):
    bare = tiny.model_copy(update={"space": Space()})
    axes = resolved(bare, space__depth=3, space__learning_rate=0.5).space.axes
    assert axes == {"width": (64, 256, 512), "depth": 3, "learning_rate": 0.5}


def test_default_axes_that_a_model_does_not_read_are_left_out(tiny, own):
    result = resolved(tiny, model="resolve_model:build", space__units=[4, 8])
    assert set(result.space.axes) == {"units"}


@pytest.mark.parametrize(
    ("flags", "match"),
    [
        ({"space.variant": ["spatial"]}, "'spatial' does not fit model 'mlp'"),
        ({"space.widht": [3]}, "space.widht: nothing reads it.*did you mean 'width'"),
        ({"metric": "rmse"}, "'rmse' is for regression"),
        ({"space.gaussian": {"sigma": 1}}, "unknown hyperparameter 'sigma'"),
        ({"space.scheduled": {"shape": ["late", "latter"]}}, "unknown choice 'latter'"),
        ({"space.scheduled": {"cutoff": "soon"}}, "expected a number"),
        ({"space.dropconnect": {"mask_scope": "exmple"}}, "did you mean 'example'"),
        ({"space.dropconnect": {"inference": ["mean", "gaussian"]}, **LINEAR}, "activation='relu'"),
        ({"space.targeted": {"drop_prob": 1.5}}, "expected.*drop_prob <= 1, got 0.5 and 1.5"),
        ({"space.scheduled": {"base": ["standard", "concrete"]}}, "unknown choice 'concrete'"),
        (
            {"space.variant": ["scheduled"], "space.scheduled": {"base": "spatial"}},
            "'scheduled' does not fit.*drops a vector",
        ),
        ({"space.mc": {"passes": 0}}, r"space.mc: expected a number of passes >= 1"),
        ({"space.mc": {"base": "mc"}}, "unknown choice 'mc'"),
        ({"space.concrete": {"rate_lr_mult": 0}}, "rate_lr_mult > 0"),
        ({"space.input_rate": 0.1}, "models with a Dropout at the input and others behind"),
        ({"space.scheduled": {"cutoff": 0}}, r"space.scheduled: expected.*cutoff > 0"),
        ({"space.targeted": {"rate": 0.5}}, "unknown hyperparameter 'rate'"),
        ({"space.targeted": {"target_fraction": "half"}}, "expected a number"),
        ({"space.variant": ["targeted"], "space.rate": 0.5}, "follows from its hyperparameters"),
        ({"space.variational": {"noise": "C"}}, "unknown choice 'C'"),
        ({"space.concrete": {"temperature": "cold"}}, "expected a number"),
        ({"training.optimizer": "adamm"}, "unknown optimizer 'adamm'"),
        ({"model": "resolve_model:build"}, r"reads params\['units'\]"),
        ({"model": "resolve_model:fails"}, "RuntimeError: boom"),
        ({"model": "resolve_model:no_model"}, "expected a keras.Model, got int"),
        ({"model": "resolve_model:none"}, "unknown name 'none'"),
        ({"model": "nowhere:build"}, "no module 'nowhere'"),
        ({"model": "nowhere.keras"}, "no such model file"),
        ({"model": "cnn"}, "rows of this data have shape"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(tiny, own, flags, match):
    with pytest.raises(UsageError, match=match) as error:
        resolved(tiny, **{key.replace(".", "__"): value for key, value in flags.items()})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("folds", [1, 50])  # 50 of which no class has a row for each
def test_a_resolved_definition_splits_the_rows_as_the_one_that_it_is_of(tiny, own, folds):
    own = {"model": "resolve_model:grades", "metric": "rmse", "search.folds": folds}
    given = override(tiny, own)
    first = resolve(given, open_dataset(given.data_settings).train_validation)
    again = resolve(first.definition, open_dataset(first.definition.data_settings).train_validation)
    assert first.data.spec.task == again.data.spec.task == "regression"
    assert first.definition == again.definition
    np.testing.assert_array_equal(first.data.train.x, again.data.train.x)
    np.testing.assert_array_equal(first.data.validation.y, again.data.validation.y)


def test_what_is_standardized_is_kept_with_the_definition(tiny, own):
    plain = resolved(tiny, model="resolve_model:build", space__units=3).definition.training
    compiled = resolved(tiny, model="resolve_model:grades", metric="rmse").definition.training
    assert (plain.standardize, plain.standardize_targets) == (True, None)
    assert (compiled.standardize, compiled.standardize_targets) == (False, False)
    assert resolved(tiny).definition.training.standardize is True


@pytest.mark.parametrize(
    ("what", "value", "usual"),
    [("floatx", "float64", "float32"), ("image_data_format", "channels_first", "channels_last")],
)
def test_what_a_file_of_this_machine_would_change_is_refused(tiny, what, value, usual):
    put = getattr(keras.config, f"set_{what}")
    put(value)
    try:
        with pytest.raises(UsageError, match=f"Keras is set to {what} '{value}', by keras.json"):
            resolve(tiny, open_dataset(tiny.data_settings).train_validation)
    finally:
        put(usual)
