"""Raw data as loaders give it: arrays before they are split and standardized."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner.data._arrays import GivenRows, GivenTargets
from tuner.errors import UsageError


@dataclass(frozen=True)
class RawData:
    """Rows `x` [n, ...] with targets `y` [n] or [n, k], and a test part where one is given.

    `y_noisy`, of the shape of `y`, has the targets to train on where they are not those by which a
    model is judged: labels as a careless annotator would give them.
    """

    x: GivenRows
    y: GivenTargets
    x_test: GivenRows | None = None
    y_test: GivenTargets | None = None
    features: tuple[str, ...] = ()
    y_noisy: GivenTargets | None = None


def from_object(value: Any, source: str) -> RawData:
    """RawData from what a user's `load()` returns.

    A RawData; a mapping with x_train y_train x_test y_test, or x y, and perhaps y_noisy; a pair
    (x, y); or a pair of pairs ((x_train, y_train), (x_test, y_test)) as in keras.datasets. Raises
    UsageError otherwise.
    """
    if isinstance(value, RawData):
        return value
    try:
        return _from_arrays(value, source)
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from None


def _from_arrays(value: Any, source: str) -> RawData:
    if isinstance(value, Mapping):
        return _from_mapping(value, source)
    if isinstance(value, tuple | list) and len(value) == 2:
        if all(isinstance(part, tuple | list) and len(part) == 2 for part in value):
            (x, y), (x_test, y_test) = value
            return RawData(np.asarray(x), np.asarray(y), np.asarray(x_test), np.asarray(y_test))
        return RawData(np.asarray(value[0]), np.asarray(value[1]))
    raise UsageError(
        f"{source}: expected (x, y), ((x_train, y_train), (x_test, y_test)), or a mapping with"
        f" these keys, got {type(value).__name__}"
    )


def _from_mapping(value: Mapping[str, Any], source: str) -> RawData:
    parts = {name: np.asarray(value[name]) for name in value}
    noisy, test = parts.get("y_noisy"), (parts.get("x_test"), parts.get("y_test"))
    if {"x_train", "y_train", "x_test", "y_test"} <= set(parts):
        return RawData(parts["x_train"], parts["y_train"], *test, y_noisy=noisy)
    for x, y in (("x_train", "y_train"), ("x", "y")):
        if {x, y} <= set(parts):
            return RawData(parts[x], parts[y], y_noisy=noisy)
    raise UsageError(
        f"{source}: expected x_train y_train x_test y_test, or x y,"
        f" got {sorted(parts) or 'nothing'}"
    )
