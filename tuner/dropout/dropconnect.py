"""Drops single weights of the layer before the site, and scales the others up.

Rate: probability that a weight is dropped
Learns: nothing
Paper: Wan et al. 2013

y = x (W * keep) / (1 - rate) + b, keep ~ Bernoulli(1 - rate). `mask_scope` says for whom one mask
holds: "example" (the paper), "batch", or "gaussian", noise on the output of the same mean and
variance. `inference` is the mean of the weights, or for ReLU the closed-form mean of the output,
which an exported model does not have. Of an Embedding rows are dropped: words, for an example
wherever they stand. Regularization of Neural Networks using DropConnect, ICML.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout import standard
from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, drop, noise_shape_of, normal
from tuner.dropout._weighted import LINEAR, copy_of, finish, in_place_of, misfit, multiply
from tuner.dropout.stochastic import is_noisy, is_sampling
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import HIDDEN, Replacement, Site, Values, Variant, nothing
from tuner.dropout.words import WordDropout
from tuner.errors import UsageError
from tuner.schema import Hyperparameter, Range

SCOPES = ("gaussian", "batch", "example")
INFERENCES = ("mean", "gaussian")
_TINY = 1e-12


@keras.saving.register_keras_serializable(package="tuner")
class DropConnect(keras.layers.Wrapper):
    """A Dense or Conv layer with noise on its kernel; the stored kernel and the bias have none.

    Scope "example" takes batch x inputs x units floats, and only a Dense layer.
    """

    cells = ("rate",)

    def __init__(
        self,
        layer: keras.layers.Layer,
        rate: float,
        mask_scope: str = "gaussian",
        inference: str = "mean",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **in_place_of(layer, kwargs))
        _check(layer, mask_scope, inference)
        self.rate = RateCell(checked_rate(rate))
        self.mask_scope = mask_scope
        self.inference = inference
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = layer.supports_masking

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if is_noisy(training):
            noisy = _NOISY[self.mask_scope]
            outputs = noisy(self.layer, inputs, self.rate.tensor, self.seed_generator)
        elif self.inference == "gaussian":
            return _mean_of_relu(self.layer, inputs, self.rate.tensor)
        else:
            outputs = multiply(self.layer, inputs, self.layer.kernel)
        return finish(self.layer, outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {
            "rate": self.rate.initial,
            "mask_scope": self.mask_scope,
            "inference": self.inference,
            "seed": self.seed,
        }
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The wrapped layer alone: inference by the mean of the weights."""
        return self.layer


def _check(layer: keras.layers.Layer, mask_scope: str, inference: str) -> None:
    if mask_scope not in SCOPES or inference not in INFERENCES:
        raise ValueError(
            f"expected mask_scope in {SCOPES} and inference in {INFERENCES},"
            f" got {mask_scope!r} and {inference!r}"
        )
    if mask_scope == "example" and not isinstance(layer, keras.layers.Dense):
        raise ValueError(
            f"mask_scope 'example' is for Dense layers, {layer.name!r} is a"
            f" {type(layer).__name__}; use 'gaussian' or 'batch'"
        )
    if inference == "gaussian" and layer.activation is not keras.activations.relu:
        raise ValueError(
            f"inference 'gaussian' needs activation='relu' in layer {layer.name!r}, which has"
            f" {layer.activation.__name__!r}; use 'mean'"
        )


def _batch(
    layer: keras.layers.Layer, inputs: Tensor, rate: Tensor, seed: keras.random.SeedGenerator
) -> Tensor:
    kernel = ops.convert_to_tensor(layer.kernel)
    return multiply(layer, inputs, drop(kernel, rate, kernel.shape, seed))


def _example(
    layer: keras.layers.Layer, inputs: Tensor, rate: Tensor, seed: keras.random.SeedGenerator
) -> Tensor:
    if is_sampling():
        return _batch(layer, inputs, rate, seed)
    kernel = ops.convert_to_tensor(layer.kernel)
    shape = ops.shape(inputs)
    kernels = ops.broadcast_to(kernel, (shape[0], *kernel.shape))
    rows = ops.reshape(inputs, (shape[0], -1, shape[-1]))
    outputs = ops.matmul(rows, drop(kernels, rate, ops.shape(kernels), seed))
    return ops.reshape(outputs, (*shape[:-1], layer.units))


def _gaussian(
    layer: keras.layers.Layer, inputs: Tensor, rate: Tensor, seed: keras.random.SeedGenerator
) -> Tensor:
    mean = multiply(layer, inputs, layer.kernel)
    noise = normal(noise_shape_of(mean), seed)
    return mean + ops.cast(_deviation(layer, inputs, rate) * noise, mean.dtype)


_NOISY = {"gaussian": _gaussian, "batch": _batch, "example": _example}


def _deviation(layer: keras.layers.Layer, inputs: Tensor, rate: Tensor) -> Tensor:
    """sqrt(rate / (1 - rate) * x^2 W^2), that of the output over all masks, in float32."""
    x, kernel = (ops.cast(factor, "float32") for factor in (inputs, layer.kernel))
    squares = multiply(layer, ops.square(x), ops.square(kernel))
    return ops.sqrt(rate / (1.0 - rate)) * ops.sqrt(ops.maximum(squares, _TINY))


def _mean_of_relu(layer: keras.layers.Layer, inputs: Tensor, rate: Tensor) -> Tensor:
    """E[relu(u)] = m Phi(m / s) + s phi(m / s) for u ~ N(m, s^2)."""
    before = finish(layer, multiply(layer, inputs, layer.kernel), activate=False)
    mean = ops.cast(before, "float32")
    deviation = ops.maximum(_deviation(layer, inputs, rate), _TINY)
    z = mean / deviation
    density = ops.exp(-0.5 * ops.square(z)) / math.sqrt(2.0 * math.pi)
    share = 0.5 * (1.0 + ops.erf(z / math.sqrt(2.0)))
    return ops.cast(mean * share + deviation * density, before.dtype)


def _misfit(sites: Sequence[Site]) -> str | None:
    return misfit([site for site in sites if site.kind == "units"], LINEAR)


def _at(site: Site, values: Values) -> Replacement:
    if site.kind == "embedding":
        if site.feeder is None:
            return standard.VARIANT.at(site, values)
        return Replacement(nothing(site), WordDropout(copy_of(site.feeder), values["rate"]))
    hps = {name: values[name] for name in VARIANT.hyperparameters if name in values}
    try:
        feeder = DropConnect(copy_of(site.feeder), values["rate"], **hps)
    except ValueError as error:
        raise UsageError(f"variant 'dropconnect': {error}") from None
    return Replacement(nothing(site), feeder=feeder)


VARIANT = Variant(
    name="dropconnect",
    rate=Range(low=0.0, high=0.7),
    at=_at,
    kinds=HIDDEN,
    looks=True,
    hyperparameters={
        "mask_scope": Hyperparameter(("gaussian",), choices=SCOPES),
        "inference": Hyperparameter(("mean",), choices=INFERENCES),
    },
    misfit=_misfit,
)
