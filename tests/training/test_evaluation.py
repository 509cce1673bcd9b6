"""What is measured of a finished model: of targets the density, in their units."""

from dataclasses import replace

import numpy as np
import pytest
from _nets import model, program, rebuilt, train, train_validation

from tuner.training.batches import Arrays
from tuner.training.evaluation import assess
from tuner.training.loop import evaluate

MC = {"passes": 4, "tau": 5.0, "task": "regression"}


def trained(name, metric="nll", **values):
    """A rebuilt model, its data, and its program."""
    data = train_validation("regression", n_targets=2)
    first = rebuilt(name, 0.3, of=model(2, None), **{"task": "regression", **values})
    engine = program(first, data, metric=metric)
    train(engine, data)
    return first, data, engine


@pytest.mark.parametrize(("name", "values"), [("standard", {}), ("mc", MC)], ids=["standard", "mc"])
def test_the_nll_that_is_assessed_is_the_metric_that_is_searched(name, values):
    first, data, engine = trained(name, **values)
    searched = evaluate(engine, Arrays.of(data.validation), "val")["val_nll"]
    found = assess(first, data, "nll")
    assert found["nll"] == pytest.approx(searched, rel=1e-4)
    assert {"passes_nll", "scaled_nll", "noise_gaussian", "units_cut"} <= set(found)
    assert found["passes_nll"] != found["scaled_nll"]
    assert found["noise_gaussian"] > found["nll"]


def test_other_units_of_a_target_shift_the_nll_and_scale_the_error():
    first, data, _ = trained("standard", "rmse")
    scaling = replace(data.scaling, y_scale=10 * data.scaling.y_scale)
    found, other = (assess(first, each, "rmse") for each in (data, replace(data, scaling=scaling)))
    for name in ("nll", "passes_nll"):
        assert other[name] - found[name] == pytest.approx(2 * np.log(10), rel=1e-5)
    assert other["passes_rmse"] == pytest.approx(10 * found["passes_rmse"], rel=1e-5)
