"""Intervals over seeds as the ends that are drawn."""

from tuner.comparison.statistics.estimates import Estimate

Ends = tuple[float | None, float | None]


def ends_of(found: Estimate | None) -> Ends:
    """The 95 % interval of a mean or a difference; None twice where there is none."""
    return (None if found is None else found.interval()) or (None, None)


def ends_of_mean(found: Estimate | None, metric: str) -> Ends:
    """The same of a mean: that of an accuracy ends at 0 and 1."""
    low, high = ends_of(found)
    if metric != "accuracy" or low is None or high is None:
        return low, high
    return max(0.0, low), min(1.0, high)
