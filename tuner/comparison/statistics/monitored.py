"""A mean that is judged at several looks, and the least of several: intervals that stay valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tuner.comparison.statistics.estimates import Estimate, Interval, ended, estimate


class Measured(Protocol):
    """A mean, or a difference, over `n` seeds, with its interval where it has one."""

    @property
    def value(self) -> float: ...
    @property
    def spread(self) -> float | None: ...
    @property
    def n(self) -> int: ...
    def interval(self, of: int = 1, *, is_sure: bool = False) -> Interval | None: ...


@dataclass(frozen=True)
class Monitored:
    """The mean over all seeds so far, and what it was at each look, with its share of the level.

    Without a look it has neither interval nor p value.
    """

    total: Estimate
    looks: tuple[tuple[Estimate, float], ...]

    @property
    def value(self) -> float:
        """The mean."""
        return self.total.value

    @property
    def spread(self) -> float | None:
        """The standard deviation over seeds."""
        return self.total.spread

    @property
    def n(self) -> int:
        """The number of seeds."""
        return self.total.n

    def p(self, sign: int) -> float | None:
        """The two-sided p value, 1 where the mean has not this sign; whenever the race stopped."""
        found = [
            look.p / share if sign * look.value > 0 else 1.0
            for look, share in self.looks
            if look.p is not None
        ]
        return min(1.0, *found) if found else None

    def interval(self, of: int = 1, *, is_sure: bool = False) -> Interval | None:
        """What the intervals of all looks have in common, as a rule; as that of an Estimate."""
        found = [look.interval(of / share) for look, share in self.looks]
        ends = [each for each in found if each is not None]
        if not ends:
            return None
        interval = max(low for low, _ in ends), min(high for _, high in ends)
        interval = interval if interval[0] <= interval[1] else ends[-1]
        return ended(interval, self.value) if is_sure else interval


def monitor(
    values: Sequence[float], least_spread: float, looks: Sequence[tuple[int, float]] | None = None
) -> Monitored | None:
    """The mean of values by seed, judged at `looks`, or once if None; None of no values."""
    total = estimate(values, least_spread)
    if total is None:
        return None
    if looks is None:
        return Monitored(total, ((total, 1.0),) if total.n > 1 else ())
    found = ((estimate(values[:n], least_spread), share) for n, share in looks if n <= total.n)
    return Monitored(total, tuple((each, share) for each, share in found if each is not None))


@dataclass(frozen=True)
class Gain:
    """What a candidate gains over the best of several networks: the least of its differences.

    `differences` are by name, `sign` is 1 where larger is better.
    """

    differences: Mapping[str, Monitored]
    sign: int

    @property
    def over(self) -> str:
        """The name of the network over which it gains least: what looks best without dropout."""
        found = self.differences
        return min(found, key=lambda name: self.sign * found[name].value)

    @property
    def least(self) -> Monitored:
        """The difference to that network."""
        return self.differences[self.over]

    @property
    def value(self) -> float:
        """That difference, in the unit of the metric."""
        return self.least.value

    @property
    def spread(self) -> float | None:
        """Its standard deviation over seeds."""
        return self.least.spread

    @property
    def n(self) -> int:
        """Its seeds."""
        return self.least.n

    @property
    def p(self) -> float | None:
        """That it is better than each of them: the largest p value, without correction.

        The claim holds only if all of them do, so that one true null hypothesis, each tested at the
        level, is enough to keep it (intersection-union test, Berger 1982).
        """
        found = [each.p(self.sign) for each in self.differences.values()]
        known = [p for p in found if p is not None]
        return max(known) if len(known) == len(found) else None

    def interval(self, of: int = 1, *, is_sure: bool = False) -> Interval | None:
        """The interval of the least difference, one of `of`.

        Let d_j be the true differences, better being larger, L_j and U_j their ends, g = min d_j.
        min L_j > g only if L_j > d_j for the j whose d_j is g: no correction. min U_j < g only
        if U_j < d_j for some j, any of J: upper ends are those of 1 in `of` x J.
        """
        lows = [each.interval(of) for each in self.differences.values()]
        highs = [each.interval(of * len(lows)) for each in self.differences.values()]
        if None in lows or None in highs:
            return None
        low = min(_oriented(each, self.sign)[0] for each in lows if each is not None)
        high = min(_oriented(each, self.sign)[1] for each in highs if each is not None)
        found = _oriented((low, high), self.sign)
        return ended(found, self.value) if is_sure else found


def _oriented(interval: Interval, sign: int) -> Interval:
    """Better is larger, or that taken back."""
    low, high = sorted(sign * end for end in interval)
    return low, high
