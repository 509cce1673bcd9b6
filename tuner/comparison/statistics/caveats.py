"""What is said below a verdict: how small a difference is noise, and what rows could not tell."""

import math
from collections.abc import Iterator

from tuner.comparison.statistics.decision import Decision
from tuner.comparison.statistics.formatting import Units
from tuner.comparison.statistics.pairwise import Comparison
from tuner.study.sampling_error import most_sampling_error

_MANY_ROWS = 1e7


def note(comparison: Comparison, decision: Decision) -> str:
    """How small a difference would be noise: over so many seeds, and on so many test rows."""
    units, row, n_test = Units(comparison.scores.metric), decision.named, comparison.scores.n_test
    interval = None if row.gain is None else row.gain.least.interval(comparison.n_judged)
    if interval is None:
        return f"No interval yet: too few seeds, on {n_test} test rows."
    noise = f"Smaller differences than {units.size((interval[1] - interval[0]) / 2)} would be noise"
    rows = row.sampling_error_of_gain
    moved = "would move them too"
    if rows is not None:
        moved = f"move them by {units.size(rows)} at most (a standard error)"
    return f"{noise} of {row.n} seeds; other rows than the {n_test} tested {moved}."


def too_small(comparison: Comparison, decision: Decision, n_validation: int) -> Iterator[str]:
    """A warning where `n_validation` rows could not show the search what the seeds have shown.

    A difference is shown by rows of which two standard errors fit into it; the errors of the two
    are taken to be on different rows, as is the case at most.
    """
    row = decision.named
    if comparison.scores.metric != "accuracy" or row.gain is None or row.mean is None:
        return
    none = row.mean.value - row.gain.value
    error = most_sampling_error(row.mean.value, none, n_validation)
    difference = abs(row.gain.value)
    if difference >= 2 * error or not difference:
        return
    units, n = Units("accuracy"), n_validation * (2 * error / difference) ** 2
    needed = f"{_rounded_up(n):,} rows would" if n < _MANY_ROWS else "no usual number would"
    yield (
        f"The validation part was too small for the search: on {n_validation} rows a difference"
        f" has a standard error of up to {units.size(error)}, and this one is"
        f" {units.size(difference)} ({needed} do); what it chose was partly luck."
    )


def _rounded_up(n: float) -> int:
    """To two digits: 12,345 is 13,000."""
    step: int = 10 ** max(0, math.floor(math.log10(n)) - 1)
    return math.ceil(n / step) * step
