"""Means over seeds and how sure they are: Student's t, Holm's correction, power."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import scipy

ALPHA = 0.05
POWER = 0.8
MOST_SEEDS = 1000
Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` seeds; `spread` is their standard deviation, None with fewer than two."""

    value: float
    spread: float | None
    n: int

    def __neg__(self) -> "Estimate":
        return Estimate(-self.value, self.spread, self.n)

    @property
    def p(self) -> float | None:
        """The two-sided p value of a mean of 0; None with fewer than two seeds."""
        if self.spread is None:
            return None
        t = self.value * math.sqrt(self.n) / self.spread
        return float(2 * scipy.special.stdtr(self.n - 1, -abs(t)))

    @property
    def most_spread(self) -> float:
        """What the true spread is at most, with 80 % confidence (chi-squared; Browne 1995)."""
        if self.spread is None:
            return math.inf
        df = self.n - 1
        return self.spread * math.sqrt(df / (2 * scipy.special.gammaincinv(df / 2, 1 - POWER)))

    def interval(self, of: float = 1, *, is_sure: bool = False) -> Interval | None:
        """The 95 % interval; it holds for all `of` estimates at once, or one picked from them.

        Where Holm is sure of the direction it ends at 0: it is Bonferroni's and a little wider than
        Holm's p, and both hold together (Strassburger and Bretz 2008).
        """
        if self.spread is None:
            return None
        half = critical(self.n, of) * self.spread / math.sqrt(self.n)
        low, high = self.value - half, self.value + half
        return ended((low, high), self.value) if is_sure else (low, high)


def estimate(values: Sequence[float], least_spread: float) -> Estimate | None:
    """The mean of values, whose spread is at least what rounding makes; None of no values."""
    if not values:
        return None
    n, mean = len(values), math.fsum(values) / len(values)
    if n == 1:
        return Estimate(mean, None, n)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    return Estimate(mean, max(spread, least_spread), n)


def ended(interval: Interval, value: float) -> Interval:
    """An interval that ends at 0, where the direction of `value` is sure."""
    low, high = interval
    return (max(low, 0.0), max(high, 0.0)) if value > 0 else (min(low, 0.0), min(high, 0.0))


def critical(n: int, of: float) -> float:
    """How many standard errors reach to the end of an interval (Bonferroni over `of`)."""
    return float(-scipy.special.stdtrit(n - 1, ALPHA / (2 * of)))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's correction of p values, in their order (Holm 1979)."""
    corrected, highest = [1.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        corrected[index] = highest
    return corrected


def seeds_to_tell(effect: float, of: int) -> int | None:
    """The seeds that find a difference of `effect` spreads in 80 % of studies; None above 1000.

    It is one of `of` differences: the power of a two-sided t test at 5 % / `of`.
    """
    counts = range(2, MOST_SEEDS + 1)
    index = bisect_left(counts, POWER, key=lambda n: _power(effect, n, of))
    return counts[index] if index < len(counts) else None


def _power(effect: float, n: int, of: int) -> float:
    """The probability that t exceeds its critical value (non-central t)."""
    return 1 - float(scipy.special.nctdtr(n - 1, effect * math.sqrt(n), critical(n, of)))
