"""Noise of a model that no variant replaces: it stays on, also without dropout."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from tuner.dropout.keras_objects import children_of, undisturbed
from tuner.dropout.none import VARIANT as NONE
from tuner.dropout.places import MARKS
from tuner.dropout.rebuild import rebuild
from tuner.dropout.variant import Site

_KERAS = "keras.src.layers."
_SHAPES = ((8, 64), (8, 4, 64), (8, 4, 4, 64), (8, 2, 2, 2, 64))


def left_alone(model: keras.Model, sites: Sequence[Site]) -> list[str]:
    """Where a model draws in training and has none of its `sites`, with the class of the layer.

    Layers that augment data are none: they are a part of the data.
    """
    known = {id(site.layer) for site in sites}
    return [
        f"{path} ({type(layer).__name__})"
        for path, layer in _layers(model)
        if id(layer) not in known and _draws(layer)
    ]


def always_on(sites: Sequence[Site]) -> list[str]:
    """Where a Dropout of the owner's drops in predictions too, with its class."""
    return [
        f"{site.path} ({type(site.layer).__name__})"
        for site in sites
        if isinstance(site.layer, MARKS) and _drops_in_predictions(site.layer)
    ]


def is_noiseless(model: keras.Model, rows: Any) -> bool:
    """Whether two passes in training agree once nothing drops; `model` is of no use after that.

    `rows` are a few that it takes. Statistics that move in a pass, as those of normalizations, are
    no noise. Of a model that raises, its trials say it.
    """
    quiet = rebuild(model, NONE, {"rate": 0.0}).model
    moving = [each for each in quiet.variables if "float" in each.dtype]
    before = [keras.ops.copy(each) for each in moving]

    def answers() -> Any:
        for each, value in zip(moving, before, strict=True):
            each.assign(value)
        return keras.tree.flatten(quiet(rows, training=True))

    with undisturbed():
        try:
            first, second = answers(), answers()
        except Exception:  # noqa: BLE001 (whatever a user's layer raises)
            return True
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True))


def _drops_in_predictions(layer: keras.layers.Layer) -> bool:
    if type(layer).__module__.startswith(_KERAS):
        return False
    with undisturbed():
        for shape in _SHAPES:
            ones = keras.ops.ones(shape)
            with contextlib.suppress(Exception):  # whatever a layer raises that takes other shapes
                return not np.array_equal(layer.call(ones, training=False), ones)
    return False


def _draws(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.GaussianNoise):
        return bool(layer.stddev > 0)
    if type(layer).__module__.startswith(_KERAS):
        return False
    return any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())


def _layers(
    layer: keras.layers.Layer, path: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, keras.layers.Layer]]:
    seen = set() if seen is None else seen
    for name, child in children_of(layer):
        if id(child) not in seen:
            seen.add(id(child))
            here = f"{path}/{name}".lstrip("/")
            yield here, child
            yield from _layers(child, here, seen)
