"""Drops whole feature maps, and scales the others up.

Rate: probability that a map is dropped, drawn for each example and channel
Learns: nothing
Paper: Tompson et al. 2015

y = x * keep / (1 - rate), one keep ~ Bernoulli(1 - rate) for a map. Needs convolutions; a site on a
vector of the same model gets standard dropout. Efficient Object Localization Using Convolutional
Networks, CVPR.
"""

from collections.abc import Sequence

import keras

from tuner.dropout.standard import Dropout
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Range


def noise_shape(site: Site) -> tuple[int | None, ...] | None:
    """One draw per example and channel on feature maps, per element (None) on vectors."""
    if site.ndim < 3:
        return None
    data_format = getattr(site.feeder, "data_format", None) or keras.config.image_data_format()
    ones = (1,) * (site.ndim - 2)
    return (None, None, *ones) if data_format == "channels_first" else (None, *ones, None)


def _at(site: Site, values: Values) -> Replacement:
    return Replacement(Dropout(values["rate"], noise_shape(site), name=site.name))


def _misfit(sites: Sequence[Site]) -> str | None:
    if any(site.ndim >= 3 for site in sites):
        return None
    return f"{sites[0].name!r} drops a vector, and no site follows a feature map; use 'standard'"


VARIANT = Variant(name="spatial", rate=Range(low=0.0, high=0.5), at=_at, misfit=_misfit)
