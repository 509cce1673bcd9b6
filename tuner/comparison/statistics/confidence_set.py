"""Which candidates may be the best: a confidence set, made in steps."""

from collections.abc import Sequence

from tuner.comparison.statistics.estimates import estimate, holm
from tuner.comparison.statistics.scored import ScoredCandidate, Scores


def levels(judged: Sequence[ScoredCandidate], scores: Scores) -> dict[str, float]:
    """By name, the smallest level at which a candidate is out of the set; the best comes first.

    Each is tested against the rival that beats it most clearly (paired t, two-sided). The best is
    the one least beaten; the K - 1 others are corrected by Holm: the first to leave faces K - 1
    rivals, the next one less. A small-sample kind of the model confidence set (Hansen, Lunde and
    Nason 2011); that it holds what it says is simulated in benchmarks/verdict.py.
    """
    beaten = {each.name: _most_beaten(each, judged, scores) for each in judged}

    def rank(candidate: ScoredCandidate) -> tuple[float, float, int, str]:
        mean = scores.sign * sum(candidate.finished) / len(candidate.finished)
        return -beaten[candidate.name], -mean, candidate.n_hyperparameters, candidate.name

    best, *others = (each.name for each in sorted(judged, key=rank))
    return {best: 1.0} | dict(zip(others, holm([beaten[name] for name in others]), strict=True))


def _most_beaten(
    candidate: ScoredCandidate, judged: Sequence[ScoredCandidate], scores: Scores
) -> float:
    """The least p value of the rivals that are better on the seeds in common."""
    differences = (
        estimate(rival.minus(candidate), scores.least_spread)
        for rival in judged
        if rival is not candidate
    )
    better = (each.p for each in differences if each and scores.sign * each.value > 0)
    return min((p for p in better if p is not None), default=1.0)
