"""How often what is said of simulated studies is true."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from simulated.designs import RACE, helped_before, studied
from simulated.worlds import World

from tuner.comparison.statistics.decision import Case, Decision, decide
from tuner.comparison.statistics.estimates import ALPHA
from tuner.comparison.statistics.monitored import Measured
from tuner.comparison.statistics.pairwise import Comparison, Standing, compare


@dataclass(frozen=True)
class Counts:
    """Shares of one study, or their means over studies; None where there is nothing to count.

    `value` and `effect` are of all rows that are judged, `picked` of the one in the sentence;
    `size` is the number of candidates in the set. `uncorrected` is what plain 5 % tests and
    intervals give. `before` is what was said before there were twins, on ten seeds of each.
    `enough` is how often the seeds that are said to show a gain then do.
    """

    value: float | None
    effect: float | None
    picked_value: float | None
    picked_effect: float | None
    picked_gain: float | None
    uncorrected_gain: float | None
    best_in_set: float
    uncorrected_best: float
    right_winner: float
    wrong_winner: float
    helps: float
    helps_right: float
    helps_wrongly: float
    network: float
    network_wrongly: float
    before: float | None
    before_wrongly: float | None
    too_few: float
    no_help: float
    size: float
    trainings: float
    enough: float | None


def simulate(world: World, design: int | str, n_studies: int, seed: int) -> Counts:
    """The means over studies."""
    generator = np.random.default_rng([seed, 0 if design == RACE else int(design)])
    found = [counts(world, design, generator) for _ in range(n_studies)]
    names = [field.name for field in fields(Counts)]
    means: dict[str, Any] = {name: _mean([getattr(c, name) for c in found]) for name in names}
    return Counts(**means)


def counts(world: World, design: int | str, generator: np.random.Generator) -> Counts:
    """Of one study."""
    scores, n_trainings, values = studied(world, design, generator)
    comparison = compare(scores)
    decision = decide(comparison)
    row, case, of = decision.named, decision.case, comparison.n_judged
    helps, network = case is Case.HELPS, row.is_effect_shown
    best = {each.candidate.name for each in comparison.undistinguished}
    truly_best = [each for each in comparison.judged if each.candidate.name in world.best]
    before = helped_before(world, values) if design == RACE else None
    by_name = {each.candidate.name: each for each in comparison.rows}
    return Counts(
        value=_share(
            _covers(each.mean, world.truth(each), of=comparison.n_picked)
            for each in comparison.judged
        ),
        effect=_share(_covers(each.effect, world.effect(each)) for each in comparison.dropouts),
        picked_value=_covers(row.mean, world.truth(row), of=comparison.n_picked),
        picked_effect=_covers(row.effect, world.effect(row), of=of, is_sure=row.is_effect_shown),
        picked_gain=_covers(row.gain, _gain(world, row), of=of, is_sure=row.is_gain_shown),
        uncorrected_gain=None if row.gain is None else _plain(row, _gain(world, row)),
        best_in_set=_share(each.candidate.name in best for each in truly_best) or 0.0,
        uncorrected_best=_share(_is_near_first(each) for each in truly_best) or 0.0,
        right_winner=best == world.best and len(best) == 1,
        wrong_winner=best != world.best and len(best) == 1,
        helps=helps,
        helps_right=helps and row.candidate.name in world.best,
        helps_wrongly=helps and (world.gain(row) <= 0 or world.effect(row) <= 0),
        network=network,
        network_wrongly=network and world.effect(row) <= 0,
        before=None if before is None else bool(before),
        before_wrongly=None
        if before is None
        else any(world.effect(by_name[name]) <= 0 for name in before),
        too_few=case is Case.TOO_FEW,
        no_help=case in (Case.NO_HELP, Case.NOT_DROPOUT, Case.ONLY_NETWORK),
        size=len(best),
        trainings=n_trainings,
        enough=_is_enough(world, comparison, decision, generator),
    )


def _gain(world: World, row: Standing) -> float:
    """Over the best of the networks that it was compared with."""
    return world.gain(row, None if row.gain is None else row.gain.differences)


def _is_enough(
    world: World, comparison: Comparison, decision: Decision, generator: np.random.Generator
) -> bool | None:
    """Whether another study with the seeds that are said to show the gain shows one."""
    if comparison.scores.race is not None or decision.n_seeds is None:
        return None
    if decision.size != comparison.gained(decision.named):
        return None
    again = compare(world.scores(world.values(decision.n_seeds, generator)))
    return any(row.is_gain_shown for row in again.dropouts)


def _mean(values: list[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _share(each: Iterable[bool | None]) -> float | None:
    """The share that is true; None where nothing was said."""
    known = [float(is_true) for is_true in each if is_true is not None]
    return statistics.fmean(known) if known else None


def _covers(found: Measured | None, truth: float, **kinds: Any) -> bool | None:
    """Whether the interval has the truth in it; None where there is none."""
    interval = None if found is None else found.interval(**kinds)
    return None if interval is None else interval[0] <= truth <= interval[1]


def _plain(row: Standing, truth: float) -> bool | None:
    return _covers(None if row.gain is None else row.gain.least.total, truth)


def _is_near_first(row: Standing) -> bool:
    """Whether a plain paired t test at 5 % does not tell it from the one that looks best."""
    p = None if row.to_best is None else row.to_best.total.p
    return p is None or p > ALPHA
