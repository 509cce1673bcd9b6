"""No dropout: every site becomes the identity. The baseline that every other has to beat.

Rate: has no meaning, recorded as 0
Learns: nothing
Paper: none

y = x.
"""

from tuner.dropout.variant import Replacement, Site, Values, Variant, nothing


def _at(site: Site, _values: Values) -> Replacement:
    return Replacement(nothing(site))


VARIANT = Variant(name="none", rate=None, at=_at)
