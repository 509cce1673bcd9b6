"""How often what is said of simulated studies is true."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from simulated.worlds import World

from tuner.comparison.statistics.decision import Case, Decision, decide
from tuner.comparison.statistics.estimates import ALPHA, Estimate
from tuner.comparison.statistics.pairwise import Comparison, Standing, compare

HELPS = (Case.WINNER, Case.TIE, Case.ONLY_WIDTH)


@dataclass(frozen=True)
class Counts:
    """Shares of one study, or their means over studies; None where there is nothing to count.

    `value` and `difference` are of all rows, `picked` of the one in the sentence; `size` is the
    number of candidates in the set. `uncorrected` is what plain 5 % tests and intervals give.
    `enough` is how often the seeds that are said to show a gain then do.
    """

    value: float
    difference: float
    picked_value: float
    picked_difference: float
    uncorrected_picked: float
    best_in_set: float
    uncorrected_best: float
    right_winner: float
    wrong_winner: float
    helps: float
    helps_wrongly: float
    too_few: float
    no_help: float
    size: float
    enough: float | None


def simulate(world: World, n_seeds: int, n_studies: int, seed: int) -> Counts:
    """The means over studies."""
    generator = np.random.default_rng([seed, n_seeds])
    found = [counts(world, n_seeds, generator) for _ in range(n_studies)]
    return Counts(**{f.name: _mean([getattr(c, f.name) for c in found]) for f in fields(Counts)})


def counts(world: World, n_seeds: int, generator: np.random.Generator) -> Counts:
    """Of one study."""
    comparison = compare(world.scores(n_seeds, generator))
    decision = decide(comparison)
    row, case, of = decision.named, decision.case, len(comparison.dropouts)
    gain = world.gain(row)
    helps = case in HELPS and row.p_none is not None
    is_sure = row.p_none is not None and row.p_none <= ALPHA
    best = {row.candidate.name for row in comparison.undistinguished}
    truly_best = [row for row in comparison.rows if row.candidate.name in world.best]
    return Counts(
        value=_share(_covers(row.mean, world.truth(row)) for row in comparison.judged),
        difference=_share(_covers(row.to_none, world.gain(row)) for row in comparison.dropouts),
        picked_value=_covers(row.mean, world.truth(row), of=len(comparison.judged)),
        picked_difference=_covers(row.to_none, gain, of=of, is_sure=is_sure),
        uncorrected_picked=_covers(row.to_none, gain),
        best_in_set=_share(row.candidate.name in best for row in truly_best),
        uncorrected_best=_share(_is_near_first(row) for row in truly_best),
        right_winner=best == world.best and len(best) == 1,
        wrong_winner=best != world.best and len(best) == 1,
        helps=helps,
        helps_wrongly=helps and gain <= 0,
        too_few=case is Case.TOO_FEW,
        no_help=case is Case.NO_HELP,
        size=len(best),
        enough=_is_enough(world, comparison, decision, generator),
    )


def _is_enough(
    world: World, comparison: Comparison, decision: Decision, generator: np.random.Generator
) -> bool | None:
    """Whether another study with the seeds that are said to show the gain shows one."""
    if decision.n_seeds is None or decision.size != comparison.gain(decision.named):
        return None
    again = compare(world.scores(decision.n_seeds, generator))
    return any(row.p_none <= ALPHA and again.gain(row) > 0 for row in again.dropouts)


def _mean(values: list[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _share(each: Iterable[bool]) -> float:
    """The share that is true; all where nothing was said."""
    return statistics.fmean([float(is_true) for is_true in each] or [1.0])


def _covers(estimate: Estimate | None, truth: float, **kinds: Any) -> bool:
    """Whether the interval has the truth in it, if there is one."""
    interval = None if estimate is None else estimate.interval(**kinds)
    return interval is None or interval[0] <= truth <= interval[1]


def _is_near_first(row: Standing) -> bool:
    """Whether a plain paired t test at 5 % does not tell it from the one that looks best."""
    p = None if row.to_best is None else row.to_best.p
    return p is None or p > ALPHA
