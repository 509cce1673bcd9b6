"""Dense and convolutional layers as an operation on their kernel, for variants that change it."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout.tensors import Tensor
from tuner.dropout.variant import Site

WEIGHTED = (
    keras.layers.Dense,
    keras.layers.EinsumDense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
)
"""Layers whose kernel has an output in each entry of its last axis."""

_DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
_TRANSPOSED = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)
LINEAR = (*WEIGHTED, *_DEPTHWISE, *_TRANSPOSED)
"""Layers that are linear in their kernel, whatever its axes are."""


def multiply(layer: keras.layers.Layer, inputs: Tensor, kernel: Tensor) -> Tensor:
    """What `layer` computes before its bias, with another kernel of the same shape."""
    if isinstance(layer, keras.layers.Dense):
        return ops.matmul(inputs, kernel)
    if isinstance(layer, keras.layers.EinsumDense):
        return ops.einsum(layer.equation, inputs, kernel)
    causal = layer.padding == "causal"
    settings = {
        "strides": list(layer.strides),
        "padding": "valid" if causal else layer.padding,
        "dilation_rate": layer.dilation_rate,
        "data_format": layer.data_format,
    }
    if isinstance(layer, _TRANSPOSED):
        padding = layer.output_padding
        return ops.conv_transpose(inputs, kernel, output_padding=padding, **settings)
    if isinstance(layer, _DEPTHWISE):
        return ops.depthwise_conv(inputs, kernel, **settings | {"strides": layer.strides})
    return ops.conv(_padded(layer, inputs) if causal else inputs, kernel, **settings)


def _padded(layer: keras.layers.Layer, inputs: Tensor) -> Tensor:
    """Inputs with zeros before the first step, so that no output of a Conv1D sees a later one."""
    before = [(layer.kernel_size[0] - 1) * layer.dilation_rate[0], 0]
    first = layer.data_format == "channels_first"
    return ops.pad(inputs, [[0, 0], [0, 0], before] if first else [[0, 0], before, [0, 0]])


def finish(layer: keras.layers.Layer, outputs: Tensor, *, activate: bool = True) -> Tensor:
    """Add the bias of `layer` and apply its activation."""
    if layer.bias is not None:
        first = getattr(layer, "data_format", "channels_last") == "channels_first"
        bias = (
            ops.reshape(layer.bias, (-1, *(1,) * (len(outputs.shape) - 2))) if first else layer.bias
        )
        outputs = ops.add(outputs, ops.cast(bias, outputs.dtype))
    return layer.activation(outputs) if activate and layer.activation else outputs


def copy_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A fresh layer of the same configuration, to be wrapped."""
    return type(layer).from_config(layer.get_config())


def frozen(layer: keras.layers.Layer, kernel: Tensor) -> keras.layers.Layer:
    """A built copy of `layer` with its weights, but another kernel."""
    copy = copy_of(layer)
    copy.build_from_config(layer.get_build_config())
    copy.set_weights(layer.get_weights())
    copy.kernel.assign(kernel)
    return copy


def in_place_of(layer: keras.layers.Layer, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with which a wrapper takes the place of `layer`, where `given` has no others."""
    own = ("name", "dtype_policy", "activity_regularizer")
    name, dtype, regularizer = (getattr(layer, attribute) for attribute in own)
    return {"name": name, "dtype": dtype, "activity_regularizer": regularizer, **given}


def misfit(sites: Sequence[Site], layers: tuple[type, ...] = WEIGHTED) -> str | None:
    """Why noise on weights cannot be used: some site has no Dense or Conv layer to put it on."""
    for site in sites:
        if type(site.feeder) not in layers:
            return (
                f"no Dense or Conv layer feeds {site.path!r}, and this variant drops weights;"
                " use 'standard', 'gaussian' or another that drops activations"
            )
    return None
