"""Intervals over seeds as the ends that are drawn."""

from tuner.comparison.statistics.monitored import Measured

Ends = tuple[float | None, float | None]


def ends_of(found: Measured | None, of: int = 1, *, is_sure: bool = False) -> Ends:
    """The 95 % interval of a mean or a difference; None twice where there is none."""
    return (None if found is None else found.interval(of, is_sure=is_sure)) or (None, None)


def ends_of_mean(found: Measured | None, metric: str, of: int = 1) -> Ends:
    """The same of a mean: that of an accuracy ends at 0 and 1."""
    low, high = ends_of(found, of)
    if metric != "accuracy" or low is None or high is None:
        return low, high
    return max(0.0, low), min(1.0, high)
