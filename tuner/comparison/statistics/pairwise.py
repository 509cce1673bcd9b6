"""Finalists -> rows: means, paired differences, and who may be the best."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tuner.comparison.statistics.confidence_set import levels
from tuner.comparison.statistics.estimates import ALPHA, Estimate, estimate, holm
from tuner.comparison.statistics.sampling_error import most_sampling_error, sampling_error
from tuner.comparison.statistics.scored import Finalist, Finals


@dataclass(frozen=True)
class Row:
    """A finalist beside the others, in the unit of the metric; None where seeds are missing.

    `p_none` is Holm's over the dropout variants; `p_best` the least level at which the finalist is
    distinguishable from the best. Sampling errors are those of the test part, for accuracies only;
    the one of a difference is an upper bound.
    """

    finalist: Finalist
    mean: Estimate | None
    to_none: Estimate | None
    to_best: Estimate | None
    p_none: float | None
    p_best: float | None
    sampling_error: float | None
    sampling_error_to_none: float | None

    @property
    def n(self) -> int:
        """The seeds behind its difference to no dropout, else behind its mean."""
        known = self.to_none or self.mean
        return 0 if known is None else known.n


@dataclass(frozen=True)
class Comparison:
    """All finalists, the best first; those with fewer than two seeds are not judged, and last."""

    finals: Finals
    rows: tuple[Row, ...]

    @cached_property
    def judged(self) -> tuple[Row, ...]:
        """The rows with two seeds at least."""
        return tuple(row for row in self.rows if row.p_best is not None)

    @cached_property
    def undistinguished(self) -> tuple[Row, ...]:
        """The best and all that may be: in 95 % of studies the true best is one of them."""
        return tuple(row for row in self.judged if (row.p_best or 0.0) > ALPHA)

    @cached_property
    def dropouts(self) -> tuple[Row, ...]:
        """The dropout variants that can be compared with no dropout."""
        return tuple(row for row in self.judged if row.p_none is not None)

    @cached_property
    def none(self) -> Row | None:
        """The tuned finalist without dropout, if it is judged."""
        return next((row for row in self.judged if row.finalist.role == "no dropout"), None)

    def gain(self, row: Row) -> float:
        """By how much a row is better than no dropout; below 0 where it is worse."""
        return 0.0 if row.to_none is None else self.finals.sign * row.to_none.value

    @property
    def n_rivals(self) -> int:
        """How many others each is compared with: `of`, for the interval of `to_best`."""
        return max(1, len(self.judged) - 1)


def compare(finals: Finals) -> Comparison:
    """The statistics of finalists on the same seeds."""
    judged = [each for each in finals.finalists if len(each.finished) > 1]
    p_best = levels(judged, finals) if judged else {}
    none = next((each for each in finals.finalists if each.role == "no dropout"), None)
    best = next((each for each in judged if each.name == next(iter(p_best))), None)
    to_none = _differences(finals, none)
    to_best = _differences(finals, best)
    p_none = _corrected(finals, to_none)

    def row(finalist: Finalist) -> Row:
        name = finalist.name
        alone, to_none_at_most = _sampling_errors(finals, finalist, none)
        return Row(
            finalist=finalist,
            mean=estimate(finalist.finished, finals.least_spread),
            to_none=to_none.get(name),
            to_best=to_best.get(name),
            p_none=p_none.get(name),
            p_best=p_best.get(name),
            sampling_error=alone,
            sampling_error_to_none=to_none_at_most,
        )

    def rank(row: Row) -> tuple[bool, bool, float, str]:
        mean = -math.inf if row.mean is None else finals.sign * row.mean.value
        return row.p_best is None, row.finalist is not best, -mean, row.finalist.name

    return Comparison(finals, tuple(sorted(map(row, finals.finalists), key=rank)))


def _differences(finals: Finals, reference: Finalist | None) -> dict[str, Estimate]:
    """By name, the paired differences of the others to the reference."""
    if reference is None:
        return {}
    others = (each for each in finals.finalists if each is not reference)
    found = {each.name: estimate(each.minus(reference), finals.least_spread) for each in others}
    return {name: difference for name, difference in found.items() if difference}


def _corrected(finals: Finals, to_none: Mapping[str, Estimate]) -> dict[str, float]:
    """By name, the p values of the dropout variants against no dropout, corrected by Holm."""
    dropouts = (each.name for each in finals.finalists if each.is_dropout)
    found = {name: to_none[name].p for name in dropouts if name in to_none}
    known = {name: p for name, p in found.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _sampling_errors(
    finals: Finals, finalist: Finalist, none: Finalist | None
) -> tuple[float | None, float | None]:
    """Of an accuracy, and of its difference to no dropout."""
    if finals.metric != "accuracy" or not finalist.finished:
        return None, None
    accuracy = statistics.fmean(finalist.finished)
    alone = sampling_error(accuracy, finals.n_test)
    if none is None or none is finalist or not none.finished:
        return alone, None
    return alone, most_sampling_error(accuracy, statistics.fmean(none.finished), finals.n_test)
