"""Multiplies activations by Gaussian noise of mean 1; nothing is ever exactly zero.

Rate: that of the standard dropout with the same mean and variance
Learns: nothing
Paper: Srivastava et al. 2014, section 10

y = x * (1 + sqrt(rate / (1 - rate)) * eps), eps ~ N(0, 1). JMLR 15; before it Wang & Manning, Fast
Dropout Training, ICML 2013.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, noise_shape_of, normal
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Range


@keras.saving.register_keras_serializable(package="tuner")
class GaussianDropout(keras.layers.Layer):
    """x * (1 + sqrt(rate / (1 - rate)) * eps), eps ~ N(0, 1); the rate lives in a RateCell.

    Entries of `noise_shape`, as of keras.layers.Dropout, may be None.
    """

    cells = ("rate",)

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        noise_shape: Sequence[int | None] | None = None,
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
        noise = normal(noise_shape_of(inputs, self.noise_shape), self.seed_generator)
        factor = 1.0 + ops.sqrt(ops.divide_no_nan(rate, 1.0 - rate)) * noise
        return inputs * ops.cast(factor, inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"rate": self.rate.initial, "seed": self.seed, "noise_shape": self.noise_shape}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer with the rate as it is now; Dropout where there is a noise_shape."""
        if self.noise_shape is not None:
            return keras.layers.Dropout(self.rate.value, self.noise_shape, name=self.name)
        return keras.layers.GaussianDropout(self.rate.value, name=self.name)


def _at(site: Site, values: Values) -> Replacement:
    layer = GaussianDropout(values["rate"], noise_shape=site.noise_shape, name=site.name)
    return Replacement(layer)


VARIANT = Variant(name="gaussian", rate=Range(low=0.0, high=0.8), at=_at)
