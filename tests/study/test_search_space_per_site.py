"""A rate for each dropout place."""

import keras
import optuna
import pytest

from tuner import importer
from tuner.dropout.rebuild import find_sites, rebuild
from tuner.schema import VARIANTS, Range
from tuner.study.search_space import Branch, SearchSpace

SHARED = Range(low=0.0, high=0.8)


def space(*sites):
    branches = {
        "none": Branch(None, {}),
        "standard": Branch(SHARED, {}),
        "alpha": Branch(Range(low=0.0, high=0.2), {}),
    }
    return SearchSpace({"width": 8}, tuple(branches), branches, sites=sites, per_site_rate=True)


def suggest(variant, *sites):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.enqueue_trial({"variant": variant})
    trial = study.ask()
    return space(*sites).suggest(trial), trial.distributions


def test_each_place_has_its_own_rate_and_rate_is_their_mean():
    params, _ = suggest("standard", False, False)
    assert params["rate.0"] != params["rate.1"]
    assert params["rate"] == pytest.approx((params["rate.0"] + params["rate.1"]) / 2)


def test_a_place_at_the_input_stays_low():
    _, distributions = suggest("standard", True, False)
    assert (distributions["rate.0"].high, distributions["rate.1"].high) == (0.3, 0.8)


def test_a_variant_with_a_range_of_its_own_has_names_of_its_own():
    _, distributions = suggest("alpha", True, False)
    assert distributions["alpha.rate.0"].high == distributions["alpha.rate.1"].high == 0.2


def test_without_dropout_there_is_no_rate_to_choose():
    params, distributions = suggest("none", False, False)
    assert params == {"variant": "none", "rate": 0.0, "width": 8}
    assert set(distributions) == {"variant"}


def test_the_baseline_is_one_half_everywhere():
    assert space(False, False).baseline(1) == {
        "variant": "standard",
        "rate.0": 0.5,
        "rate.1": 0.5,
        "width": 8,
    }


def test_the_rates_reach_their_places_and_the_last_one_serves_the_rest():
    layers = [keras.layers.Dropout(0.9) for _ in range(3)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    values = {"rate": 0.25, "rates": [0.1, 0.4]}
    rebuilt = rebuild(model, importer.load(VARIANTS["gaussian"]), values)
    assert [layer.rate.value for layer in rebuilt.layers] == pytest.approx([0.1, 0.4, 0.4])


def test_only_the_first_mark_is_at_the_input():
    layers = [keras.layers.Dropout(0.1), keras.layers.Dense(3), keras.layers.Dropout(0.2)]
    sites = find_sites(keras.Sequential([keras.Input((4,)), *layers]))
    assert [site.is_input for site in sites] == [True, False]
