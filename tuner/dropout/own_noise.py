"""Layers of other people that drop by themselves: how one does is seen by running it."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuner.dropout.keras_objects import children_of, undisturbed

_KNOWN = "keras.src.layers."
_SHAPES = ((64, 2, 2, 3), (64, 4, 3), (64, 6))
_ASKED = 0.25


@dataclass(frozen=True)
class OwnNoise:
    """How the layers of a class drop: examples whole where it `is_path`, else entry by entry.

    Their float `attribute` is the rate, or, where `is_kept`, the probability of keeping.
    """

    attribute: str
    is_kept: bool
    is_path: bool

    def rate_of(self, layer: keras.layers.Layer) -> float:
        """The probability of dropping of a layer of the class."""
        value = float(getattr(layer, self.attribute))
        return 1.0 - value if self.is_kept else value


def noise_of(layer: keras.layers.Layer) -> OwnNoise | None:
    """How a layer drops, None where it does not, or does it in another way than dropout does.

    It is one that has no weights and no layers inside and takes `training`; without it the layer is
    the identity, in training an entry is 0 or scaled up by 1 / (1 - rate), rate one of its floats.
    """
    parameters = inspect.signature(layer.call).parameters
    if type(layer).__module__.startswith(_KNOWN) or "training" not in parameters:
        return None
    if layer.weights or any(True for _ in children_of(layer)):
        return None
    with undisturbed():
        return next(_found(layer), None)


def _found(layer: keras.layers.Layer) -> Iterator[OwnNoise]:
    floats = [n for n, v in vars(layer).items() if isinstance(v, float) and 0 <= v <= 1]
    for name in floats:
        written = getattr(layer, name)
        setattr(layer, name, _ASKED)
        try:
            for shape in _SHAPES:
                yield from _seen(layer, name, shape)
        finally:
            setattr(layer, name, written)


def _seen(layer: keras.layers.Layer, name: str, shape: tuple[int, ...]) -> Iterator[OwnNoise]:
    ones = np.ones(shape, "float32")
    try:
        quiet, noisy = (
            keras.ops.convert_to_numpy(
                layer.call(keras.ops.convert_to_tensor(ones), training=is_on)
            )
            for is_on in (False, True)
        )
    except Exception:  # noqa: BLE001 (whatever a layer raises that is not meant for this shape)
        return
    if quiet.shape != shape or noisy.shape != shape or not np.array_equal(quiet, ones):
        return
    for is_kept, keep in ((False, 1 - _ASKED), (True, _ASKED)):
        if np.any(noisy == 0) and np.allclose(noisy[noisy != 0], 1 / keep, rtol=1e-3):
            together = {_falls_together(noisy, axis) for axis in range(1, noisy.ndim)}
            if len(together) == 1:
                yield OwnNoise(name, is_kept, together.pop())


def _falls_together(noisy: NDArray[Any], axis: int) -> bool:
    return bool(np.ptp(noisy, axis=axis).max() == 0)
