"""Multiplicative Gaussian noise on weights and inputs, and how far it is from its prior."""

import keras
from keras import ops

from tuner.dropout._noise import noise_shape_of, normal
from tuner.dropout._weighted import multiply
from tuner.dropout.tensors import Tensor

_SMALL = 1e-8
_K = 0.63576, 1.87320, 1.48695


def kl(log_alpha: Tensor) -> Tensor:
    """KL of N(w, alpha w^2) from the log-uniform prior, in nats, 0 for alpha -> infinity.

    Molchanov et al. 2017, equation 14; within 0.01 of the exact value everywhere.
    """
    k1, k2, k3 = _K
    return 0.5 * ops.softplus(-log_alpha) + k1 * ops.sigmoid(-(k2 + k3 * log_alpha))


def noisy_weights(
    layer: keras.layers.Layer, inputs: Tensor, alpha: Tensor, seed: keras.random.SeedGenerator
) -> Tensor:
    """N(x W, x^2 (alpha W^2)), drawn for every output: what `layer` gives before its bias."""
    kernel = ops.convert_to_tensor(layer.kernel)
    mean = multiply(layer, inputs, kernel)
    variances = ops.cast(alpha, kernel.dtype) * ops.square(kernel)
    variance = ops.cast(multiply(layer, ops.square(inputs), variances), "float32")
    noise = normal(noise_shape_of(mean), seed)
    return mean + ops.cast(ops.sqrt(variance + _SMALL) * noise, mean.dtype)


def noisy_inputs(
    layer: keras.layers.Layer, inputs: Tensor, alpha: Tensor, seed: keras.random.SeedGenerator
) -> Tensor:
    """X (1 + sqrt(alpha) eps) W, eps drawn for every example and input channel."""
    per_kernel = ops.broadcast_to(alpha, (int(layer.kernel.shape[-2]), 1))
    alpha = ops.tile(ops.reshape(per_kernel, (-1,)), getattr(layer, "groups", 1))
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    shape = [1] * len(inputs.shape)
    shape[1 if first else -1] = n_channels(layer)
    noise = normal(noise_shape_of(inputs, [None, *shape[1:]]), seed)
    factor = 1.0 + ops.sqrt(ops.reshape(alpha, shape)) * noise
    return multiply(
        layer, inputs * ops.cast(factor, inputs.dtype), ops.convert_to_tensor(layer.kernel)
    )


def n_channels(layer: keras.layers.Layer) -> int:
    """How many channels the inputs of a layer have."""
    return int(layer.kernel.shape[-2]) * getattr(layer, "groups", 1)
