"""Arrays that are trained on as they are: nothing is split, scaled or encoded."""

from typing import Any

import numpy as np

from tuner.data._arrays import GivenRows, GivenTargets, Targets
from tuner.data.dataset import Scaling, Split, TrainValidation
from tuner.data.spec import Spec, Task
from tuner.data.structure import specs
from tuner.errors import UsageError

Pair = tuple[Any, Any]
"""Rows x [n, ...] and targets y [n] or [n, k]."""


def of_arrays(train: Pair, validation: Pair, task: Task | None = None) -> TrainValidation:
    """The rows to train on and those to judge on, as they are.

    Whole numbers y [n] are classes from 0, floats [n] or [n, k] targets, unless `task` says so.
    Raises UsageError where the two do not fit each other.
    """
    x, y = _checked(train, "training")
    x_judged, y_judged = _checked(validation, "validation")
    if x.shape[1:] != x_judged.shape[1:] or y.shape[1:] != y_judged.shape[1:]:
        raise UsageError("training and validation rows differ in shape")
    found: Task = task or ("classification" if y.dtype.kind in "iub" else "regression")
    if found == "classification":
        y, y_judged = _classes(y), _classes(y_judged)
        n_outputs = int(max(y.max(), y_judged.max())) + 1
    else:
        y, y_judged = _targets(y), _targets(y_judged)
        n_outputs = y.shape[1]
    n_scaled = n_outputs if found == "regression" else 1
    zeros, ones = np.zeros(n_scaled), np.ones(n_scaled)
    none = Scaling(zeros[:1], ones[:1], zeros, ones)
    spec = Spec(tuple(x.shape[1:]), n_outputs, found, specs(x), specs(y))
    return TrainValidation(Split(x, y), Split(x_judged, y_judged), spec, none)


def _checked(given: Pair, part: str) -> tuple[GivenRows, GivenTargets]:
    if len(given) != 2:
        raise UsageError(
            f"{part} rows: expected (x, y), got {len(given)} parts: rows have weights in a study"
        )
    x, y = map(np.asarray, given)
    if x.ndim < 2 or len(x) != len(y) or not len(x):
        raise UsageError(
            f"{part} rows: expected x (n, ...) and y (n,) or (n, k), got {x.shape} and {y.shape}"
        )
    return (x.astype("float32") if x.dtype.kind == "f" else x), y


def _classes(y: GivenTargets) -> Targets:
    if y.ndim != 1 or (y != y.astype("int32")).any() or y.min() < 0:
        raise UsageError(f"classes are whole numbers from 0, one a row, got {y.dtype} {y.shape}")
    return y.astype("int32")


def _targets(y: GivenTargets) -> Targets:
    return y.reshape(len(y), -1).astype("float32")
