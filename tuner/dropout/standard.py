"""Drops single activations, and scales the others up.

Rate: probability that an activation is dropped
Learns: nothing
Paper: Srivastava et al. 2014

y = x * keep / (1 - rate), keep ~ Bernoulli(1 - rate) for each element and example. Dropout: A
Simple Way to Prevent Neural Networks from Overfitting, JMLR 15.
"""

from collections.abc import Sequence
from typing import Any

import keras

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, drop, noise_shape_of
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Range


@keras.saving.register_keras_serializable(package="tuner")
class Dropout(keras.layers.Layer):
    """keras.layers.Dropout with its rate in a RateCell; entries of `noise_shape` may be None."""

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
        shape = noise_shape_of(inputs, self.noise_shape)
        return drop(inputs, self.rate.tensor, shape, self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"rate": self.rate.initial, "noise_shape": self.noise_shape, "seed": self.seed}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer with the rate as it is now."""
        return keras.layers.Dropout(self.rate.value, noise_shape=self.noise_shape, name=self.name)


def _at(site: Site, values: Values) -> Replacement:
    return Replacement(Dropout(values["rate"], site.noise_shape, name=site.name))


VARIANT = Variant(name="standard", rate=Range(low=0.0, high=0.8), at=_at)
