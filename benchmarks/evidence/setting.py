"""One network on one table with one kind of dropout: what each rate gains over the same without."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from evidence import written
from evidence.case import NONE, Training, dropout

SECOND = 100
"""Seeds from here on are a second run: it is compared with the first, and in no other table."""

Word = Literal["helps", "harms", "not told"]


@dataclass(frozen=True)
class Measure:
    """What is shown of test rows, and what chooses; errors are compared in percent of none."""

    test: str = "test"
    judge: str = "validation"
    is_error: bool = False

    def gains(self, found: Mapping[int, float], without: Mapping[int, float]) -> dict[int, float]:
        """Points by which the first is better, or percent of the error, of the seeds of both."""
        seeds = sorted(found.keys() & without.keys())
        if self.is_error:
            return {seed: 100 * (1 - found[seed] / without[seed]) for seed in seeds}
        return {seed: 100 * (found[seed] - without[seed]) for seed in seeds}


ACCURACY = Measure()


@dataclass(frozen=True)
class Setting:
    """`gains` of each rate by seed, on test rows; `judged` is the mean gain on validation rows."""

    part: str
    name: str
    kind: str
    without: Mapping[int, float]
    gains: Mapping[float, Mapping[int, float]]
    judged: Mapping[float, float]

    @property
    def chosen(self) -> float:
        """The rate that is best on validation rows."""
        return max(self.judged, key=self.judged.__getitem__)

    @property
    def best(self) -> float:
        """That rate, or 0 where none is better there."""
        return self.chosen if self.judged[self.chosen] > 0 else 0.0

    def values(self, rate: float) -> list[float]:
        """The gains of a rate, seed by seed."""
        return list(self.gains[rate].values())

    def mean(self, rate: float) -> float:
        """The mean gain of a rate; 0 of none."""
        return fmean(self.values(rate)) if rate else 0.0

    @property
    def word(self) -> Word:
        """What the rate that was chosen does, as its 95 % interval says."""
        return word(self.values(self.chosen))

    @property
    def helpful(self) -> list[float]:
        """The rates whose mean is above none."""
        return [rate for rate in sorted(self.gains) if self.mean(rate) > 0]

    def near(self, loss: float) -> list[float]:
        """The rates around the best that cost less than `loss` against it: neighbours only."""
        rates = sorted({0.0, *self.gains})
        least = self.mean(self.best) - loss
        low = high = rates.index(self.best)
        while low and self.mean(rates[low - 1]) > least:
            low -= 1
        while high + 1 < len(rates) and self.mean(rates[high + 1]) > least:
            high += 1
        return rates[low : high + 1]

    def within(self, low: float, high: float) -> list[float]:
        """The rates between two, both included."""
        return [rate for rate in sorted(self.gains) if low <= rate <= high]


def word(values: Sequence[float]) -> Word:
    """Whether the interval of a mean is above 0, below it, or has it inside."""
    low, high = written.interval(values)
    return "helps" if low > 0 else "harms" if high < 0 else "not told"


def setting(
    found: Sequence[Training],
    name: str,
    case: str,
    *,
    kind: str = "standard",
    twin: str | None = None,
    measure: Measure = ACCURACY,
) -> Setting | None:
    """The setting of a case and a kind; None where nothing is to be compared yet.

    `twin` is the case that has none, where it is another.
    """
    own = [each for each in found if each.case == case and each.measured]
    plain = {
        part: written.of(found, twin or case, NONE, part) for part in (measure.test, measure.judge)
    }
    gains, judged = {}, {}
    for rate in sorted({each.rate for each in own if each.variant == kind}):
        params = dropout(kind, rate)
        tested = written.of(own, case, params, measure.test)
        points = measure.gains(tested, plain[measure.test])
        chooses = measure.gains(written.of(own, case, params, measure.judge), plain[measure.judge])
        if points and chooses:
            gains[rate], judged[rate] = points, fmean(chooses.values())
    if not gains:
        return None
    return Setting(own[0].part, name, kind, plain[measure.test], gains, judged)


def known(settings: Collection[Setting | None]) -> list[Setting]:
    """Those that there are."""
    return [each for each in settings if each is not None]


def first_run(found: Sequence[Training]) -> list[Training]:
    """The trainings of the tables."""
    return [each for each in found if each.seed < SECOND]


def second_run(found: Sequence[Training]) -> list[Training]:
    """Those with other seeds."""
    return [each for each in found if each.seed >= SECOND]
