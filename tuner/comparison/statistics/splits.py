"""The same candidates on several splits of the rows: whether the answer depends on them."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tuner.comparison.statistics.estimates import Estimate, estimate
from tuner.comparison.statistics.pairwise import Comparison


@dataclass(frozen=True)
class OverSplits:
    """A candidate's mean metric on each split, None where it has not two seeds.

    `gain` is that over the best network without dropout of each split, over the splits; on `n_best`
    it may be the best.
    """

    name: str
    means: tuple[float | None, ...]
    gain: Estimate | None
    n_best: int


def over_splits(comparisons: Sequence[Comparison], n_train: int) -> tuple[OverSplits, ...]:
    """The candidates in the order of the first split, each over all; `n_train` rows train a model.

    Splits share most of their training rows, so that their differences vary less than those of
    new data would. The spread is therefore widened by sqrt(1 + K n_test / n_train) of K splits, an
    approximation (Nadeau & Bengio 2003, Inference for the Generalization Error).
    """
    widened = math.sqrt(1 + len(comparisons) * comparisons[0].scores.n_test / n_train)
    return tuple(_one(row.candidate.name, comparisons, widened) for row in comparisons[0].rows)


def _one(name: str, comparisons: Sequence[Comparison], widened: float) -> OverSplits:
    rows = [
        next((row for row in each.judged if row.candidate.name == name), None)
        for each in comparisons
    ]
    judged = [row for row in rows if row is not None]
    differences = [row.gain.value for row in judged if row.gain is not None]
    best = [
        any(row is each for each in c.undistinguished)
        for c, row in zip(comparisons, rows, strict=True)
    ]
    found = estimate(differences, comparisons[0].scores.least_spread)
    if found is not None and found.spread is not None:
        found = replace(found, spread=found.spread * widened)
    return OverSplits(
        name=name,
        means=tuple(
            None if row is None else statistics.fmean(row.candidate.finished) for row in rows
        ),
        gain=found,
        n_best=sum(best),
    )
