"""Which finalists may be the best: a confidence set, made in steps."""

from collections.abc import Sequence

from tuner.comparison.statistics.estimates import estimate, holm
from tuner.comparison.statistics.scored import Finalist, Finals


def levels(judged: Sequence[Finalist], finals: Finals) -> dict[str, float]:
    """By name, the smallest level at which a finalist is out of the set; the best comes first.

    Each is tested against the rival that beats it most clearly (paired t, two-sided). The best is
    the one least beaten; the K - 1 others are corrected by Holm: the first to leave faces K - 1
    rivals, the next one less. A small-sample kind of the model confidence set (Hansen, Lunde and
    Nason 2011); that it holds what it says is simulated in benchmarks/verdict.py.
    """
    beaten = {each.name: _most_beaten(each, judged, finals) for each in judged}

    def rank(finalist: Finalist) -> tuple[float, float, int, str]:
        mean = finals.sign * sum(finalist.finished) / len(finalist.finished)
        return -beaten[finalist.name], -mean, finalist.n_knobs, finalist.name

    best, *others = (each.name for each in sorted(judged, key=rank))
    return {best: 1.0} | dict(zip(others, holm([beaten[name] for name in others]), strict=True))


def _most_beaten(finalist: Finalist, judged: Sequence[Finalist], finals: Finals) -> float:
    """The least p value of the rivals that are better on the seeds in common."""
    differences = (
        estimate(rival.minus(finalist), finals.least_spread)
        for rival in judged
        if rival is not finalist
    )
    better = (each.p for each in differences if each and finals.sign * each.value > 0)
    return min((p for p in better if p is not None), default=1.0)
