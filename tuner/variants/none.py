"""No dropout: every mark becomes the identity.

The baseline that every other variant has to beat; `rate` has no meaning and is recorded as 0.
Learns nothing.
"""

import keras

from tuner.variants._contract import Replacement, Site, Values, Variant


def _at(site: Site, _values: Values) -> Replacement:
    return Replacement(keras.layers.Identity(name=site.name))


VARIANT = Variant(name="none", rate=None, at=_at)
