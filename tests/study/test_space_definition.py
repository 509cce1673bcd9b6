"""What a study file says of the space."""

from tuner.schema import Range
from tuner.study.definition import StudyDefinition

FULL = {
    "name": "all-of_it.1",
    "data": "table.csv",
    "target": "price",
    "task": "regression",
    "model": "my_module:build",
    "metric": "mae",
    "space": {
        "variant": ["none", "gaussian", "scheduled"],
        "rate": {"low": 0.0, "high": 0.8},
        "width": [128, 256],
        "depth": 2,
        "units": {"low": 8, "high": 64, "step": 8},
        "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "batch_norm": [True, False],
        "optimizer": "sgd",
        "gaussian": {"rate": [0.1, 0.5]},
        "scheduled": {"shape": ["late"], "cutoff": {"low": 0.1, "high": 0.5}},
    },
    "training": {"epochs": 3, "train_size": 800, "standardize": False},
    "search": {"trials": 7, "sampler": "random", "seed": 2**32 - 1},
    "compare": {"seeds": 5},
}


def parse(table):
    return StudyDefinition.parse(table, "my.toml")


def test_space_separates_axes_from_hyperparameters():
    space = parse(FULL).space
    assert space.variant == ("none", "gaussian", "scheduled")
    assert space.axes["width"] == (128, 256)
    assert space.axes["units"] == Range(low=8, high=64, step=8)
    assert space.hyperparameters["gaussian"] == {"rate": (0.1, 0.5)}


def test_single_variant_may_be_written_as_a_name():
    assert parse({"space": {"variant": "none"}}).space.variant == ("none",)
