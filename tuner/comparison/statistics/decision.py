"""What a comparison says: one case, and whom it is about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tuner.comparison.statistics.estimates import ALPHA, seeds_to_tell
from tuner.comparison.statistics.pairwise import Comparison, Standing

_MANY_SEEDS = 100
_LARGE = 2.0


class Case(StrEnum):
    """What can be said of candidates."""

    HELPS = "dropout helps"
    NO_TWIN = "better than no dropout, without its twin"
    NOT_DROPOUT = "the gain is not dropout's"
    ONLY_NETWORK = "dropout helps a network that is not the best"
    NO_HELP = "dropout does not help"
    TOO_FEW = "too few seeds"
    NO_BASELINE = "nothing without dropout"
    ALONE = "one candidate"
    ONE_SEED = "one seed"


@dataclass(frozen=True)
class Decision:
    """The case; `named` is what to use, or the best with dropout where that is not shown to help.

    Where there were too few seeds, `n_seeds` would show a gain of `size`; None is more than 1000.
    """

    case: Case
    named: Standing
    n_seeds: int | None = None
    size: float = 0.0


def decide(comparison: Comparison) -> Decision:
    """The case of a comparison.

    Dropout helps where a candidate is better than the same network without it, and than every
    network without it (Holm over the candidates). If one is better than what the search found
    without dropout, and not than its twin, the gain is not dropout's. Dropout does not help where
    no interval leaves room for a gain, or a hundred seeds would miss that of the best, and one of
    twice the spread over seeds would have shown; in between there are too few seeds.
    """
    judged = comparison.judged
    if len(judged) < 2:
        case = Case.ALONE if judged else Case.ONE_SEED
        return Decision(case, comparison.rows[0])
    if not comparison.nones or not any(row.gain for row in comparison.rows):
        return Decision(Case.NO_BASELINE, simplest(comparison.undistinguished))
    helping = [row for row in comparison.dropouts if row.is_gain_shown]
    if helping:
        best = [row for row in comparison.undistinguished if row.is_gain_shown]
        named = simplest(best or helping)
        return Decision(Case.NO_TWIN if named.effect is None else Case.HELPS, named)
    return _no_help(comparison)


def simplest(rows: Sequence[Standing]) -> Standing:
    """The fewest searched hyperparameters, of equals the narrowest, of equals the first."""
    return min(rows, key=lambda row: (row.candidate.n_hyperparameters, row.candidate.width or 0.0))


def tuned(comparison: Comparison, row: Standing) -> Standing | None:
    """What the search found without dropout, where it is another network than the row's twin."""
    first = comparison.scores.nones[0].name if comparison.scores.nones else None
    return None if first in (None, row.candidate.twin) else comparison.row(str(first))


def _no_help(comparison: Comparison) -> Decision:
    """Which contrast fails; that dropout does not help, or that it takes more seeds to say so."""
    found = comparison.dropouts or tuple(row for row in comparison.rows if row.gain)
    best, of = max(found, key=comparison.gained), comparison.n_judged
    effective = [row for row in comparison.dropouts if row.is_effect_shown]
    confounded = [row for row in comparison.dropouts if _is_confounded(comparison, row)]
    if effective:
        return Decision(Case.ONLY_NETWORK, max(effective, key=comparison.gained))
    if confounded:
        return Decision(Case.NOT_DROPOUT, max(confounded, key=comparison.gained))
    if comparison.dropouts and all(_is_ruled_out(comparison, row) for row in comparison.dropouts):
        return Decision(Case.NO_HELP, best)
    gain = max(0.0, comparison.gained(best))
    spread = math.inf if best.gain is None else best.gain.least.total.most_spread
    needed, least = seeds_to_tell(gain / spread, of), seeds_to_tell(_LARGE, of)
    before = 0 if comparison.scores.race is None else comparison.scores.race.qualifying
    is_first = all(row.candidate.is_dropout for row in comparison.undistinguished)
    if is_first or (needed is not None and needed <= _MANY_SEEDS):
        return Decision(Case.TOO_FEW, best, n_seeds=_after(needed, before), size=gain)
    if least is None or best.n < least or not comparison.dropouts:
        return Decision(Case.TOO_FEW, best, n_seeds=_after(least, before), size=_LARGE * spread)
    return Decision(Case.NO_HELP, best)


def _is_confounded(comparison: Comparison, row: Standing) -> bool:
    """Whether it is better than what the search found without dropout, but not than its twin."""
    other = tuned(comparison, row)
    if row.effect is None or row.gain is None or other is None:
        return False
    found = row.gain.differences.get(other.candidate.name)
    p = None if found is None else found.p(comparison.scores.sign)
    return p is not None and p * comparison.n_judged <= ALPHA


def _is_ruled_out(comparison: Comparison, row: Standing) -> bool:
    """Whether the whole interval of its gain is on the worse side of 0."""
    interval = None if row.gain is None else row.gain.interval(comparison.n_judged)
    return interval is not None and max(comparison.scores.sign * end for end in interval) < 0


def _after(needed: int | None, before: int) -> int | None:
    """So many seeds after those on which the leader of a race was chosen."""
    return None if needed is None else needed + before
