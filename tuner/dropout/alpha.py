"""Sets activations to SELU's negative limit, then restores mean 0 and variance 1.

Rate: probability that an activation is set so
Learns: nothing
Paper: Klambauer et al. 2017

y = a * (x where kept, else -1.7581) + b, a and b such that mean and variance stay. Turns the block
to SELU and lecun_normal, which self-normalize. Self-Normalizing Neural Networks, NeurIPS.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, keep_mask, noise_shape_of
from tuner.dropout._weighted import WEIGHTED
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Range

LIMIT = -1.7580993408473766
"""-lambda * alpha: what SELU tends to for x -> -infinity."""


@keras.saving.register_keras_serializable(package="tuner")
class AlphaDropout(keras.layers.Layer):
    """a * (x * keep + LIMIT * (1 - keep)) + b, with a and b from the rate in a RateCell.

    a = ((1 - rate) (1 + rate LIMIT^2))^(-1/2), b = -a LIMIT rate keep mean 0 and variance 1.
    """

    cells = ("rate",)

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rate = RateCell(checked_rate(rate))
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not is_noisy(training):
            return inputs
        rate = self.rate.tensor
        keep = keep_mask(noise_shape_of(inputs, self.noise_shape), rate, self.seed_generator)
        a = ops.rsqrt((1.0 - rate) * (1.0 + rate * LIMIT**2))
        b = -a * LIMIT * rate
        dropped = ops.where(keep, inputs, ops.cast(LIMIT, inputs.dtype))
        return ops.cast(a, inputs.dtype) * dropped + ops.cast(b, inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"rate": self.rate.initial, "noise_shape": self.noise_shape, "seed": self.seed}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer with the rate as it is now."""
        return keras.layers.AlphaDropout(
            self.rate.value, noise_shape=self.noise_shape, name=self.name
        )


def _at(site: Site, values: Values) -> Replacement:
    return Replacement(
        layer=AlphaDropout(values["rate"], site.noise_shape, name=site.name),
        feeder=None if site.feeder is None else _selu(site.feeder, site.activation_layer is None),
        activation_layer=(
            keras.layers.Activation("selu", name=site.activation_layer.name)
            if site.activation_layer is not None
            else None
        ),
        fresh_weights=True,
    )


def _selu(feeder: keras.layers.Layer, activates: bool) -> keras.layers.Layer:
    config = feeder.get_config()
    config |= {"kernel_initializer": "lecun_normal", "bias_initializer": "zeros"}
    if activates:
        config["activation"] = "selu"
    return type(feeder).from_config(config)


def _misfit(sites: Sequence[Site]) -> str | None:
    for site in sites:
        if site.normalized:
            return f"{site.path!r} follows a normalization layer, which undoes it; use 'standard'"
        if type(site.feeder) not in WEIGHTED and not site.is_input:
            return (
                f"no Dense or Conv layer feeds {site.path!r} to be turned to SELU; use 'standard'"
            )
        if site.feeder is not None and site.activation == "linear":
            return f"no activation stands before {site.path!r} to be turned to SELU; use 'standard'"
    return None


VARIANT = Variant(
    name="alpha",
    rate=Range(low=0.0, high=0.3),
    at=_at,
    kinds=("units",),
    looks=True,
    misfit=_misfit,
)
