"""What is printed for one's own network runs, and puts there what the trial had."""

import keras
import numpy as np
import pytest

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings
from tuner.dropout.keras_internals import numbered_anew
from tuner.dropout.keras_objects import children_of
from tuner.dropout.rebuild import rebuild
from tuner.dropout.sites import find_sites
from tuner.schema import VARIANTS
from tuner.study.definition import StudyDefinition
from tuner.workers.code import code_of
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import resolve

L = keras.layers

NETWORK = """
import keras
L = keras.layers
class Block(L.Layer):
    def __init__(self):
        super().__init__()
        self.attention = L.MultiHeadAttention(2, 4, dropout=0.1)
        self.drop = L.Dropout(0.2, noise_shape=(None, 1, 4))
    def call(self, x):
        return x + self.drop(self.attention(x, x))
def everywhere(params):
    layers = [Block(), L.LSTM(params["units"], dropout=0.1, recurrent_dropout=0.1)]
    layers += [L.Dense(params["units"], activation="relu"), L.Dropout(0.5)]
    return keras.Sequential([keras.Input((5, 4)), *layers, L.Dense(2, activation="softmax")])
def plain(params):
    layers = [L.Dense(params["units"], activation="relu"), L.Dropout(0.5)]
    layers += [L.Dense(6, activation="relu"), L.Dropout(0.5)]
    ends = [*layers, L.Dense(2, activation="softmax")]
    return keras.Sequential([keras.Input((5, 4)), L.Flatten(), *ends])
"""


def resolved_of(variant, model, tmp_path, monkeypatch, **space):
    (tmp_path / "home_networks.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(tmp_path)
    x = np.random.default_rng(0).normal(size=(60, 5, 4)).astype("float32")
    data = prepare(RawData(x, (x[:, 0, 0] > 0).astype(int)), DataSettings("mine", as_given=True))
    table = {"model": f"home_networks:{model}", "data": "mine"}
    table["space"] = {"variant": [variant], "units": [8], **space}
    return resolve(StudyDefinition.parse(table, "test"), data.train_validation)


def params_of(resolved):
    named = {}

    def choose(name, label, axis):
        low, high = getattr(axis, "low", None), getattr(axis, "high", None)
        named[name] = (low + high) / 3 if low is not None else axis
        if isinstance(axis, tuple):
            named[name] = axis[0]
        return named[name]

    return resolved.space.walk(choose)


def cells_of(model):
    """The layers of ours with the values of their cells, in order."""
    found = []

    def walk(layer):
        if hasattr(layer, "cells"):
            values = [getattr(layer, name) for name in layer.cells]
            numbers = [float(f"{getattr(each, 'value', each):.3g}") for each in values]
            found.append((type(layer).__name__, numbers))
        for _, each in children_of(layer):
            walk(each)

    walk(model)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v not in ("none", "standard", "gaussian", "spatial")]
)
def test_what_is_applied_is_what_the_trial_had(variant, tmp_path, monkeypatch):
    resolved = resolved_of(variant, "plain", tmp_path, monkeypatch)
    params = params_of(resolved)
    recipe = Recipes(resolved, resolved.data).of(params)
    scope = {"model": recipe.build()}
    exec(code_of(resolved, params, "Trial 3."), scope)
    steps = recipe.settings.epochs * -(-resolved.data.n_train // recipe.settings.batch_size)
    facts = {"n_train": resolved.data.n_train, "n_steps": steps, "task": "classification"}
    wanted = rebuild(recipe.build(), recipe.variant, {**facts, **recipe.values})
    assert cells_of(scope["model"]) == cells_of(wanted.model)
    assert cells_of(scope["model"])


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["none", "standard"])
def test_keras_has_the_layers_and_settings_of_every_place(variant, tmp_path, monkeypatch):
    resolved = resolved_of(variant, "everywhere", tmp_path, monkeypatch)
    params = params_of(resolved)
    code = code_of(resolved, params, "Trial 3.")
    scope = {}
    exec(code, scope)
    recipe = Recipes(resolved, resolved.data).of(params)
    with numbered_anew():
        sites = find_sites(recipe.build(), resolved.data.spec.inputs)
    assert {site.path for site in sites} == set(scope["DROPOUT"])
    for site, rate in zip(sites, recipe.values["rates"], strict=True):
        given = scope["DROPOUT"][site.path]
        if isinstance(given, dict):
            name = "recurrent_dropout" if site.kind == "recurrent" else "dropout"
            assert given[name] == pytest.approx(0 if variant == "none" else rate, rel=1e-3)
        elif variant == "none":
            assert isinstance(given, L.Identity)
        else:
            assert given.rate == pytest.approx(rate, rel=1e-3)
            assert isinstance(given, L.Dropout)
    assert "units 8" in code


@pytest.mark.slow
def test_noise_that_keras_has_for_units_only_is_put_into_the_model_elsewhere(tmp_path, monkeypatch):
    plain, everywhere = (
        resolved_of("gaussian", model, tmp_path, monkeypatch) for model in ("plain", "everywhere")
    )
    assert "keras.layers.GaussianDropout(0.2667)" in code_of(plain, params_of(plain), "Trial 3.")
    assert 'apply(model, "gaussian", ' in code_of(everywhere, params_of(everywhere), "Trial 3.")


def test_rates_of_places_are_those_of_their_order(tmp_path, monkeypatch):
    resolved = resolved_of("standard", "plain", tmp_path, monkeypatch, per_site_rate=True)
    params = {**params_of(resolved), "rate.0": 0.1, "rate.1": 0.4}
    scope = {}
    exec(code_of(resolved, params, "Trial 3."), scope)
    assert [layer.rate for layer in scope["DROPOUT"].values()] == [0.1, 0.4]


def test_too_many_rates_are_refused():
    from tuner.dropout import apply
    from tuner.errors import UsageError

    model = keras.Sequential([keras.Input((3,)), L.Dense(2), L.Dropout(0.1)])
    with pytest.raises(UsageError, match="1 dropout sites, got 2 rates"):
        apply(model, "standard", [0.1, 0.2])
