"""Candidates -> rows: means, paired differences, and who may be the best."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tuner.comparison.statistics.confidence_set import levels
from tuner.comparison.statistics.estimates import ALPHA, Estimate, estimate, holm
from tuner.comparison.statistics.scored import ScoredCandidate, Scores
from tuner.study.sampling_error import most_sampling_error, sampling_error


@dataclass(frozen=True)
class Standing:
    """A candidate beside the others, in the unit of the metric; None where seeds are missing.

    `p_none` is Holm's over the dropout variants; `p_best` the least level at which the candidate is
    distinguishable from the best. Sampling errors are those of the test part, for accuracies only;
    the one of a difference is an upper bound.
    """

    candidate: ScoredCandidate
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
    """All candidates, the best first; those with fewer than two seeds are not judged, and last."""

    scores: Scores
    rows: tuple[Standing, ...]

    @cached_property
    def judged(self) -> tuple[Standing, ...]:
        """The rows with two seeds at least."""
        return tuple(row for row in self.rows if row.p_best is not None)

    @cached_property
    def undistinguished(self) -> tuple[Standing, ...]:
        """The best and all that may be: in 95 % of studies the true best is one of them."""
        return tuple(row for row in self.judged if (row.p_best or 0.0) > ALPHA)

    @cached_property
    def dropouts(self) -> tuple[Standing, ...]:
        """The dropout variants that can be compared with no dropout."""
        return tuple(row for row in self.judged if row.p_none is not None)

    @cached_property
    def none(self) -> Standing | None:
        """The tuned candidate without dropout, if it is judged."""
        return next((row for row in self.judged if row.candidate.role == "no dropout"), None)

    def gain(self, row: Standing) -> float:
        """By how much a row is better than no dropout; below 0 where it is worse."""
        return 0.0 if row.to_none is None else self.scores.sign * row.to_none.value

    @property
    def n_rivals(self) -> int:
        """How many others each is compared with: `of`, for the interval of `to_best`."""
        return max(1, len(self.judged) - 1)


def compare(scores: Scores) -> Comparison:
    """The statistics of candidates on the same seeds."""
    judged = [each for each in scores.candidates if len(each.finished) > 1]
    p_best = levels(judged, scores) if judged else {}
    none = next((each for each in scores.candidates if each.role == "no dropout"), None)
    best = next((each for each in judged if each.name == next(iter(p_best))), None)
    to_none = _differences(scores, none)
    to_best = _differences(scores, best)
    p_none = _corrected(scores, to_none)

    def row(candidate: ScoredCandidate) -> Standing:
        name = candidate.name
        alone, to_none_at_most = _sampling_errors(scores, candidate, none)
        return Standing(
            candidate=candidate,
            mean=estimate(candidate.finished, scores.least_spread),
            to_none=to_none.get(name),
            to_best=to_best.get(name),
            p_none=p_none.get(name),
            p_best=p_best.get(name),
            sampling_error=alone,
            sampling_error_to_none=to_none_at_most,
        )

    def rank(row: Standing) -> tuple[bool, bool, float, str]:
        mean = -math.inf if row.mean is None else scores.sign * row.mean.value
        return row.p_best is None, row.candidate is not best, -mean, row.candidate.name

    return Comparison(scores, tuple(sorted(map(row, scores.candidates), key=rank)))


def _differences(scores: Scores, reference: ScoredCandidate | None) -> dict[str, Estimate]:
    """By name, the paired differences of the others to the reference."""
    if reference is None:
        return {}
    others = (each for each in scores.candidates if each is not reference)
    found = {each.name: estimate(each.minus(reference), scores.least_spread) for each in others}
    return {name: difference for name, difference in found.items() if difference}


def _corrected(scores: Scores, to_none: Mapping[str, Estimate]) -> dict[str, float]:
    """By name, the p values of the dropout variants against no dropout, corrected by Holm."""
    dropouts = (each.name for each in scores.candidates if each.is_dropout)
    found = {name: to_none[name].p for name in dropouts if name in to_none}
    known = {name: p for name, p in found.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _sampling_errors(
    scores: Scores, candidate: ScoredCandidate, none: ScoredCandidate | None
) -> tuple[float | None, float | None]:
    """Of an accuracy, and of its difference to no dropout."""
    if scores.metric != "accuracy" or not candidate.finished:
        return None, None
    accuracy = statistics.fmean(candidate.finished)
    alone = sampling_error(accuracy, scores.n_test)
    if none is None or none is candidate or not none.finished:
        return alone, None
    return alone, most_sampling_error(accuracy, statistics.fmean(none.finished), scores.n_test)
