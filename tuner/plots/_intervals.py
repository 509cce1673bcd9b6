"""Intervals over seeds as the ends that are drawn."""

from tuner.comparison.statistics.monitored import Measured
from tuner.training.naming import possible

Ends = tuple[float | None, float | None]


def ends_of(found: Measured | None, of: int = 1, *, is_sure: bool = False) -> Ends:
    """The 95 % interval of a mean or a difference; None twice where there is none."""
    return (None if found is None else found.interval(of, is_sure=is_sure)) or (None, None)


def clipped(ends: Ends, metric: str) -> Ends:
    """Those of a mean, within what the metric can be."""
    low, high = ends
    if low is None or high is None:
        return ends
    low, high = possible((low, high), metric)
    return low, high


def better(ends: Ends, sign: int) -> Ends:
    """Those of a difference, above 0 where that is better; `sign` is 1 where larger is."""
    low, high = ends
    if low is None or high is None:
        return ends
    return (low, high) if sign == 1 else (-high, -low)
