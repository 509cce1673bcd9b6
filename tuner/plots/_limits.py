"""How far axes reach."""

import math
from collections.abc import Iterable

import numpy as np

from tuner.plots.picture import Limits

_ROUNDING = 1e-5
"""Values that lie nearer to each other, as a share of them, are drawn as one."""

_MARGIN = 0.06


def limits(
    complete: Iterable[float | None],
    others: Iterable[float | None] = (),
    *,
    maximize: bool | None,
    fence: float = 3.0,
) -> Limits | None:
    """Limits that show all complete values, but those that would squeeze the others.

    These are farther than `fence` interquartile ranges from the quartiles (Tukey's far out), on the
    worse side only, or on both where neither is better (None). `others` are shown as far.
    """
    values = _finite(complete)
    if not values:
        return None
    lower, upper = np.percentile(values, (25, 75))
    noise = _ROUNDING * max(abs(lower), abs(upper))
    reach = fence * (upper - lower) if upper - lower > noise else math.inf
    low = lower - reach if maximize in (True, None) else -math.inf
    high = upper + reach if maximize in (False, None) else math.inf
    extra = _finite(others) if math.isfinite(reach) else []
    inside = [value for value in (*values, *extra) if low <= value <= high]
    least, most = min(inside), max(inside)
    margin = _MARGIN * (most - least) if most - least > noise else 0.01 * abs(most) or 0.01
    return least - margin, most + margin


def all_of(values: Iterable[float | None], *, least_span: float = 0.0) -> Limits | None:
    """Limits that show all values, and `least_span` where they lie nearer to each other."""
    found = limits(values, maximize=None, fence=math.inf)
    if found is None:
        return None
    margin = max(0.0, (least_span - (found[1] - found[0])) / 2)
    return found[0] - margin, found[1] + margin


def both(one: Limits | None, other: Limits | None) -> Limits | None:
    """Limits that show what either does."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def from_zero(most: float) -> Limits:
    """Limits of what is never below zero, such as rates."""
    return -0.05 * (most or 1.0), 1.05 * (most or 1.0)


def counted_from(first: int, last: int) -> Limits:
    """Limits of whole numbers."""
    margin = 0.05 * (last - first) or 0.5
    return first - margin, last + margin


def _finite(values: Iterable[float | None]) -> list[float]:
    return [float(value) for value in values if value is not None and math.isfinite(value)]
