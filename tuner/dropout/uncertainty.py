"""What the passes of an MCDropout say beyond their mean: entropy, information, likelihood."""

import math
from typing import Any

import keras
from keras import ops

from tuner.dropout.tensors import Tensor

_SMALL = 1e-7
_NEVER = 1e30


def uncertainty(layer: keras.layers.Layer, inputs: Tensor) -> tuple[Any, Any]:
    """The entropy of the mean prediction and the mutual information, [batch] each, in nats.

    Entropy of the mean = mean entropy of the passes + mutual information; the latter lies between
    0, where all passes agree, and log(number of classes).
    """

    def plogp(p: Tensor) -> Any:
        return -p * ops.log(ops.maximum(p, _SMALL))

    def parts(sample: Tensor) -> Any:
        one_by_one = sample.shape[-1] == 1
        both = ops.concatenate([sample, 1.0 - sample], axis=-1) if one_by_one else sample
        return ops.concatenate([both, plogp(both)], axis=-1)

    mean, entropies = ops.split(layer.mean(inputs, parts), 2, axis=-1)
    total = ops.sum(plogp(mean), axis=-1)
    return total, ops.maximum(0.0, total - ops.sum(entropies, axis=-1))


def predictive(layer: keras.layers.Layer, inputs: Tensor, targets: Tensor) -> tuple[Any, Any, Any]:
    """The prediction [batch, k], the log density of targets [batch, k] under it, its deviation.

    log p(y) = log mean_t N(y; y_t, 1 / tau), [batch]: in a pass the log densities of the k targets
    of a row add up. The deviation [batch, k] is the root of 1 / tau + the variance of the passes.
    (Gal & Ghahramani, appendix 4.)
    """
    tau, targets = layer.tau.tensor, ops.cast(targets, "float32")
    constant = 0.5 * targets.shape[-1] * (ops.log(tau) - math.log(2.0 * math.pi))

    def add(number: Tensor, totals: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        total, squares, density = totals
        sample = layer.sample(inputs, number)
        here = -0.5 * tau * ops.sum(ops.square(targets - sample), axis=-1)
        return total + sample, squares + ops.square(sample), ops.logaddexp(density, here)

    nothing = ops.zeros_like(targets)
    first = (nothing, nothing, ops.sum(nothing, axis=-1) - _NEVER)
    total, squares, density = ops.fori_loop(0, layer.passes, add, first)
    mean = total / layer.passes
    variance = ops.maximum(0.0, squares / layer.passes - ops.square(mean))
    return mean, density - math.log(layer.passes) + constant, ops.sqrt(1.0 / tau + variance)
