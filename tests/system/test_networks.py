"""Networks as people have them: each is searched as written, learns, and opens again."""

import collections
import json
import os

import keras
import numpy as np
import pytest
from _cli import tuner
from _places import ROOT
from zoo.cases import CASES

import tuner as library
from tuner.data.loading import open_dataset
from tuner.dropout import none, standard
from tuner.dropout.rebuild import rebuild
from tuner.dropout.sites import find_sites
from tuner.study.study_file import read
from tuner.training.backend import set_seed
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import resolve

TRIALS = 2
pytestmark = pytest.mark.filterwarnings(
    "ignore:.build:UserWarning"
)  # Keras's, of models as written
every_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=pytest.mark.slow if case.quick else pytest.mark.zoo)
        for case in CASES
    ],
)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    helpers = str(ROOT / "tests" / "helpers")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([helpers, os.environ.get("PYTHONPATH", "")]))
    return tmp_path


def studied(case, place):
    """The study file of a case: without dropout, and with the standard one at half of all."""
    table = case.study() | {"space": {"variant": ["none", "standard"]}}
    flat = {name: value for name, value in table.items() if not isinstance(value, dict)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in flat.items()]
    for name in table.keys() - flat.keys():
        lines += [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table[name].items())]
    path = place / f"{case.name}.toml"
    path.write_text("\n".join(lines))
    return path


def understood(path):
    definition = read(str(path), {})
    resolved = resolve(definition, open_dataset(definition.data_settings).train_validation)
    params = resolved.space.params_of(resolved.space.baseline(1))
    return resolved, Recipes(resolved, resolved.data).of(params)


def outputs(model, x):
    return [np.asarray(each) for each in keras.tree.flatten(model(x, training=True))]


@every_case
def test_it_drops_where_a_count_by_hand_says_and_none_is_calm(case, place):
    resolved, recipe = understood(studied(case, place))
    data = resolved.data
    sites = find_sites(recipe.build(), data.spec.inputs)
    assert collections.Counter(site.kind for site in sites) == case.sites
    first = keras.tree.map_structure(lambda a: as_tensor(a[:16]), data.train.x)
    same = {}
    for variant in (none.VARIANT, standard.VARIANT):
        set_seed(0)
        values = {**recipe.values, "n_train": 100, "n_steps": 10, "task": data.spec.task}
        model = rebuild(recipe.build(), variant, values, data.spec.inputs).model
        once, again = outputs(model, first), outputs(model, first)
        same[variant.name] = all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert same == {"none": case.is_calm, "standard": False}


@every_case
def test_it_is_searched_as_written_learns_and_opens_again(case, place, record_property):
    path = studied(case, place)
    done = tuner("search", path, "--trials", TRIALS, "--jobs", 1, "--json", "-q")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["trials"]["complete"] == TRIALS
    best = document["best"]["value"]
    better = max if document["direction"] == "maximize" else min
    record_property("metric", document["metric"])
    record_property("value", best)
    assert better(best, case.good) == best, f"{best} is no better than {case.good}"
    opened = library.load_model(place / "studies" / case.name / "best.keras")
    validation = understood(path)[0].data.validation
    x = keras.tree.map_structure(as_tensor, validation.x)
    found = opened.evaluate(x, validation.y, verbose=0, return_dict=True)
    again = min(found.values(), key=lambda value: abs(value - best))
    record_property("opened", again)
    assert again == pytest.approx(best, abs=2e-3), found


def as_tensor(array):
    """An array on the device, text too."""
    return keras.ops.convert_to_tensor(array.tolist() if array.dtype.kind in "OUS" else array)
