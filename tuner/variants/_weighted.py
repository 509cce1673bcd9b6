"""Dense and convolutional layers as an operation on their kernel, for variants that change it."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.variants._contract import Site

WEIGHTED = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def multiply(layer: keras.layers.Layer, inputs: Any, kernel: Any) -> Any:
    """What `layer` computes before its bias, with another kernel of the same shape."""
    if isinstance(layer, keras.layers.Dense):
        return ops.matmul(inputs, kernel)
    return layer.convolution_op(inputs, kernel)


def finish(layer: keras.layers.Layer, outputs: Any) -> Any:
    """Add the bias of `layer` and apply its activation."""
    if layer.use_bias:
        first = getattr(layer, "data_format", "channels_last") == "channels_first"
        shape = (1, -1, *(1,) * (len(outputs.shape) - 2)) if first else (-1,)
        outputs = outputs + ops.cast(ops.reshape(layer.bias, shape), outputs.dtype)
    return outputs if layer.activation is None else layer.activation(outputs)


def copy_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A fresh layer of the same configuration, to be wrapped."""
    return type(layer).from_config(layer.get_config())


def misfit(sites: Sequence[Site]) -> str | None:
    """Why noise on weights cannot be used: some mark has no Dense or Conv layer to put it on."""
    for site in sites:
        if type(site.feeder) not in WEIGHTED:
            return (
                f"no Dense or Conv layer feeds {site.name!r}, and this variant drops weights;"
                " use 'standard', 'gaussian' or another that drops activations"
            )
    return None
