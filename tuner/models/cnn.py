"""`depth` blocks of convolution, pooling and a Dropout, then one dense layer."""

from collections.abc import Mapping
from typing import Any

import keras

from tuner.data.spec import Spec
from tuner.errors import UsageError
from tuner.models import HEADS

AXES = {"width": (8, 16, 32), "depth": 2}
_MARK_RATE = 0.5
_CHANNELS = (1, 3, 4)


def build(params: Mapping[str, Any], spec: Spec) -> keras.Model:
    """A convolutional net for images (height, width, channels).

    Reads `width` (filters of the first block, doubled in each further one; the dense layer has
    4 x `width` units) and `depth` (blocks). Raises UsageError where rows are no images, or too
    small to be halved `depth` times.
    """
    width, depth = params["width"], params["depth"]
    shape = spec.input_shape
    if len(shape) != 3 or min(shape[:2]) < 2**depth:
        raise UsageError(
            f"model 'cnn' with depth {depth} needs images of at least {2**depth} x {2**depth}"
            f" pixels (height, width, channels); the rows of this data have shape {shape}"
        )
    if shape[0] in _CHANNELS and shape[2] not in _CHANNELS:
        raise UsageError(
            f"model 'cnn' takes channels last; rows of shape {shape} have them first:"
            " np.moveaxis(x, 1, -1)"
        )
    layers = [keras.Input(shape)]
    for block in range(depth):
        layers += [
            keras.layers.Conv2D(width * 2**block, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Dropout(_MARK_RATE),
        ]
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dense(4 * width, activation="relu"),
        keras.layers.Dropout(_MARK_RATE),
        keras.layers.Dense(spec.n_outputs, activation=HEADS.get(spec.task)),
    ]
    return keras.Sequential(layers)
