"""Candidates -> rows: means, paired differences, and who may be the best."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tuner.comparison.statistics.confidence_set import levels
from tuner.comparison.statistics.estimates import ALPHA, holm
from tuner.comparison.statistics.monitored import Gain, Monitored, monitor
from tuner.comparison.statistics.race import contrast, gain, looks_of
from tuner.comparison.statistics.scored import ScoredCandidate, Scores
from tuner.study.sampling_error import most_sampling_error, sampling_error


@dataclass(frozen=True)
class Standing:
    """A candidate beside the others, in the unit of the metric; None where seeds are missing.

    `effect` is its difference to its twin, the same network without dropout, `gain` that to the
    best network without dropout; `p_effect` and `p_gain` are Holm's, over the candidates that are
    judged. `p_best` is the least level at which it is distinguishable from the best. Sampling
    errors are those of the test part, for accuracies only; the one of the gain is an upper bound.
    """

    candidate: ScoredCandidate
    mean: Monitored | None
    effect: Monitored | None
    gain: Gain | None
    to_best: Monitored | None
    p_effect: float | None
    p_gain: float | None
    p_best: float | None
    sampling_error: float | None
    sampling_error_of_gain: float | None

    @property
    def n(self) -> int:
        """The seeds behind its gain, else behind its mean."""
        known = self.gain or self.mean
        return 0 if known is None else known.n

    @property
    def is_effect_shown(self) -> bool:
        """Whether it is shown to be better than the same network without dropout."""
        return self.p_effect is not None and self.p_effect <= ALPHA

    @property
    def is_gain_shown(self) -> bool:
        """Whether it is shown to be better than every network without dropout."""
        return self.p_gain is not None and self.p_gain <= ALPHA


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
        """The best and all that may be: in 95 % of studies the true best is one of them.

        Where a candidate is shown to be better than every network without dropout, none of these is
        among them.
        """
        found = tuple(row for row in self.judged if (row.p_best or 0.0) > ALPHA)
        helping = tuple(row for row in self.dropouts if row.is_gain_shown)
        if not helping:
            return found
        return tuple(row for row in found if row.candidate.is_dropout) or helping

    @cached_property
    def dropouts(self) -> tuple[Standing, ...]:
        """The candidates with dropout that are judged: in a race its leader, if it has begun."""
        return tuple(row for row in self.judged if row.p_gain is not None)

    @cached_property
    def nones(self) -> tuple[Standing, ...]:
        """The networks without dropout that are judged, the best first."""
        return tuple(row for row in self.judged if not row.candidate.is_dropout)

    @property
    def n_judged(self) -> int:
        """How many candidates with dropout are judged: `of`, for intervals of their contrasts."""
        return max(1, len(self.dropouts))

    @property
    def n_rivals(self) -> int:
        """How many others each is compared with: `of`, for the interval of `to_best`."""
        return max(1, len(self.judged) - 1)

    @property
    def n_picked(self) -> int:
        """From how many the one in the sentence was picked for its mean; the leader before."""
        return 1 if self.scores.race is not None else max(1, len(self.judged))

    def gained(self, row: Standing) -> float:
        """By how much a row is better than the best without dropout; below 0 if it is worse."""
        return 0.0 if row.gain is None else self.scores.sign * row.gain.value

    def row(self, name: str) -> Standing:
        """The row of a candidate."""
        return next(row for row in self.rows if row.candidate.name == name)

    def twin_of(self, row: Standing) -> Standing | None:
        """The row of the same network without dropout."""
        return None if row.candidate.twin is None else self.row(row.candidate.twin)


def compare(scores: Scores) -> Comparison:
    """The statistics of candidates on the same seeds."""
    judged = [each for each in scores.candidates if len(each.finished) > 1]
    p_best = levels(judged, scores) if judged else {}
    best = next((each for each in judged if each.name == next(iter(p_best))), None)
    named = {each.name: each for each in scores.candidates}
    dropouts = [each for each in scores.dropouts if each in judged]
    gains = {each.name: found for each in dropouts if (found := gain(scores, each))}
    effects = {
        each.name: effect
        for each in dropouts
        if each.twin is not None and (effect := contrast(scores, each, named[each.twin]))
    }
    p_gain = _corrected({name: found.p for name, found in gains.items()})
    p_effect = _corrected({name: found.p(scores.sign) for name, found in effects.items()})

    def row(candidate: ScoredCandidate) -> Standing:
        name = candidate.name
        found = gains.get(name)
        alone, at_most = _sampling_errors(scores, candidate, named[found.over] if found else None)
        return Standing(
            candidate=candidate,
            mean=_mean(scores, candidate),
            effect=effects.get(name),
            gain=found,
            to_best=None if best in (None, candidate) else _to_best(scores, candidate, best),
            p_effect=p_effect.get(name),
            p_gain=p_gain.get(name),
            p_best=p_best.get(name),
            sampling_error=alone,
            sampling_error_of_gain=at_most,
        )

    def rank(row: Standing) -> tuple[bool, bool, float, str]:
        mean = -math.inf if row.mean is None else scores.sign * row.mean.value
        return row.p_best is None, row.candidate is not best, -mean, row.candidate.name

    return Comparison(scores, tuple(sorted(map(row, scores.candidates), key=rank)))


def _mean(scores: Scores, candidate: ScoredCandidate) -> Monitored | None:
    """The mean; in a race of the leader and those it is compared with on the seeds after."""
    if scores.race is None:
        return monitor(candidate.finished, scores.least_spread)
    final = _finished(candidate.by_seed[scores.race.qualifying :])
    if final and (not candidate.is_dropout or candidate is scores.leader):
        return monitor(final, scores.least_spread, looks_of(scores))
    return monitor(candidate.finished, scores.least_spread, ())


def _finished(values: Sequence[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _to_best(
    scores: Scores, candidate: ScoredCandidate, best: ScoredCandidate | None
) -> Monitored | None:
    """The difference on all seeds in common; in a race these are too few for an interval."""
    looks = None if scores.race is None else ()
    return None if best is None else monitor(candidate.minus(best), scores.least_spread, looks)


def _corrected(p_values: Mapping[str, float | None]) -> dict[str, float]:
    """By name, the p values that there are, corrected by Holm."""
    known = {name: p for name, p in p_values.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _sampling_errors(
    scores: Scores, candidate: ScoredCandidate, none: ScoredCandidate | None
) -> tuple[float | None, float | None]:
    """Of an accuracy, and of its difference to a network without dropout."""
    if scores.metric != "accuracy" or not candidate.finished:
        return None, None
    accuracy = statistics.fmean(candidate.finished)
    alone = sampling_error(accuracy, scores.n_test)
    if none is None or not none.finished:
        return alone, None
    return alone, most_sampling_error(accuracy, statistics.fmean(none.finished), scores.n_test)
