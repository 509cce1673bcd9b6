"""Equal structures share a program, whatever their rates."""

import keras
import pytest
from _models import FITS, VALUES, L, convolutional, dense, every_model, variant

from tuner.dropout.rebuild import rebuild
from tuner.training.signature import signature


@every_model
def test_equal_structures_have_equal_signatures_whatever_the_rate(make):
    one, two = (
        rebuild(make(), variant("scheduled"), {**VALUES, "rate": rate, "shape": shape}).model
        for rate, shape in ((0.1, "late"), (0.7, "linear_up"))
    )
    assert signature(one) == signature(two)


def test_other_bases_are_other_structures():
    models = [
        rebuild(convolutional(), variant("scheduled"), {"base": base, **VALUES}).model
        for base in ("standard", "spatial", "gaussian", "dropconnect")
    ]
    assert len({signature(model) for model in models}) == len(models)


@pytest.mark.parametrize(
    ("name", "cells", "structural"),
    [
        ("dropconnect", {"rate": 0.1}, {"mask_scope": "batch"}),
        ("targeted", {"target_fraction": 0.9, "drop_prob": 0.2, "ramp": True}, {"level": "unit"}),
    ],
)
def test_hyperparameters_in_cells_keep_the_structure_and_others_change_it(name, cells, structural):
    one, same, other = (
        signature(rebuild(convolutional(), variant(name), VALUES | hps).model)
        for hps in ({}, cells, structural)
    )
    assert one == same != other


@pytest.mark.parametrize("make", FITS["concrete"])
@pytest.mark.parametrize(
    ("name", "hps"),
    [
        ("concrete", {"length_scale": 0.5, "entropy_weight": 3.0, "temperature": 0.2}),
        ("variational", {"kl_weight": 0.5, "warmup_frac": 0.3}),
    ],
)
def test_first_rates_and_numeric_hyperparameters_do_not_change_the_structure(make, name, hps):
    one = rebuild(make(), variant(name), VALUES).model
    other = rebuild(make(), variant(name), {**VALUES, "rate": 0.1, "n_train": 7, **hps}).model
    assert signature(one) == signature(other)


@pytest.mark.parametrize("hps", [{"noise": "A"}, {"granularity": "layer"}])
def test_noise_and_granularity_change_the_structure(hps):
    one = rebuild(dense(), variant("variational"), VALUES).model
    assert signature(one) != signature(rebuild(dense(), variant("variational"), VALUES | hps).model)


@pytest.mark.parametrize("name", ["none", "gaussian"])
def test_other_variants_have_other_signatures(name):
    assert signature(rebuild(dense(), variant(name), VALUES).model) != signature(
        rebuild(dense(), variant("standard"), VALUES).model
    )


def test_another_width_has_another_signature():
    wide = keras.Sequential([keras.Input((5,)), L.Dense(9), L.Dropout(0.3), L.Dense(2)])
    narrow = keras.Sequential([keras.Input((5,)), L.Dense(4), L.Dropout(0.3), L.Dense(2)])
    assert signature(wide) != signature(narrow)
