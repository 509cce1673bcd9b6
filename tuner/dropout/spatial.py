"""Drops whole feature maps, and scales the others up.

Rate: probability that a map is dropped, drawn for each example and channel
Learns: nothing
Paper: Tompson et al. 2015

y = x * keep / (1 - rate), one keep ~ Bernoulli(1 - rate) for a map. Needs convolutions; a site on a
vector of the same model gets standard dropout. Efficient Object Localization Using Convolutional
Networks, CVPR.
"""

from collections.abc import Sequence
from typing import Any

import keras

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, drop, noise_shape_of
from tuner.dropout.standard import Dropout
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import HIDDEN, Replacement, Site, Values, Variant
from tuner.schema import Range


@keras.saving.register_keras_serializable(package="tuner")
class SpatialDropout(keras.layers.Layer):
    """Drops whole maps of inputs [batch, ..., channels], one draw an example and channel.

    Args:
        rate: Probability that a map is dropped, in [0, 1).
        data_format: "channels_last" or "channels_first"; Keras's own where it is None.
        seed: Of the masks.

    Source: Tompson et al. 2015, section 3.2.
    """

    cells = ("rate",)

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = RateCell(checked_rate(rate))
        self.data_format = data_format or keras.config.image_data_format()
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.ndim = len(input_shape)
        if self.ndim < 3:
            raise ValueError(f"maps need inputs [batch, ..., channels], got shape {input_shape}")
        self.built = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not is_noisy(training):
            return inputs
        shape = noise_shape_of(inputs, _per_map(len(inputs.shape), self.data_format))
        return drop(inputs, self.rate.tensor, shape, self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"rate": self.rate.initial, "data_format": self.data_format, "seed": self.seed}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer for this rank, with the rate as it is now."""
        kinds = {3: "SpatialDropout1D", 4: "SpatialDropout2D", 5: "SpatialDropout3D"}
        kind = getattr(keras.layers, kinds[self.ndim])
        given = {} if self.ndim == 3 else {"data_format": self.data_format}
        return kind(self.rate.value, name=self.name, **given)


def noise_shape(site: Site) -> tuple[int | None, ...] | None:
    """One draw per example and channel on feature maps, per element (None) on vectors."""
    if site.ndim < 3:
        return None
    data_format = getattr(site.feeder, "data_format", None) or keras.config.image_data_format()
    return _per_map(site.ndim, data_format)


def _per_map(ndim: int, data_format: str) -> tuple[int | None, ...]:
    ones = (1,) * (ndim - 2)
    return (None, None, *ones) if data_format == "channels_first" else (None, *ones, None)


def _at(site: Site, values: Values) -> Replacement:
    return Replacement(Dropout(values["rate"], noise_shape(site), name=site.name))


def _misfit(sites: Sequence[Site]) -> str | None:
    if any(site.ndim >= 3 for site in sites):
        return None
    return f"{sites[0].path!r} drops a vector, and no site follows a feature map; use 'standard'"


VARIANT = Variant(
    name="spatial", rate=Range(low=0.0, high=0.5), at=_at, kinds=HIDDEN, looks=True, misfit=_misfit
)
