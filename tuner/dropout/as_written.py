"""The dropout that a model was written with: every site keeps its kind and its own rate.

It is no variant to search, but what a comparison sets beside them for a user's own model.
"""

import keras

from tuner.dropout import gaussian, spatial, standard
from tuner.dropout.alpha import AlphaDropout
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import AS_WRITTEN

_SPATIAL = (
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)


def _at(site: Site, values: Values) -> Replacement:
    own = {**values, "rate": site.rate}
    match site.layer:
        case keras.layers.AlphaDropout():
            return Replacement(AlphaDropout(site.rate, site.noise_shape, name=site.name))
        case keras.layers.GaussianDropout():
            return gaussian.VARIANT.at(site, own)
        case layer if isinstance(layer, _SPATIAL):
            return spatial.VARIANT.at(site, own)
    return standard.VARIANT.at(site, own)


VARIANT = Variant(name=AS_WRITTEN, rate=None, at=_at)
