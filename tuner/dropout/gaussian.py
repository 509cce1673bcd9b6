"""Multiplies activations by Gaussian noise of mean 1; nothing is ever exactly zero.

Rate: that of the standard dropout with the same mean and variance
Learns: nothing
Paper: Srivastava et al. 2014, section 10

y = x * (1 + sqrt(rate / (1 - rate)) * eps), eps ~ N(0, 1). JMLR 15; before it Wang & Manning, Fast
Dropout Training, ICML 2013.
"""

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
    """x * (1 + sqrt(rate / (1 - rate)) * eps), eps ~ N(0, 1); the rate lives in a RateCell."""

    cells = ("rate",)

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = RateCell(checked_rate(rate))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not is_noisy(training):
            return inputs
        rate = self.rate.tensor
        noise = normal(noise_shape_of(inputs), self.seed_generator)
        factor = 1.0 + ops.sqrt(ops.divide_no_nan(rate, 1.0 - rate)) * noise
        return inputs * ops.cast(factor, inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate.initial, "seed": self.seed}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer with the rate as it is now."""
        return keras.layers.GaussianDropout(self.rate.value, name=self.name)


def _at(site: Site, values: Values) -> Replacement:
    return Replacement(GaussianDropout(values["rate"], name=site.name))


VARIANT = Variant(name="gaussian", rate=Range(low=0.0, high=0.8), at=_at)
