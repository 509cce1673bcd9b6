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

    WINNER = "winner"
    TIE = "tie"
    ONLY_WIDTH = "helps at one width only"
    NO_HELP = "dropout does not help"
    TOO_FEW = "too few seeds"
    ALONE = "one candidate"
    ONE_SEED = "one seed"


@dataclass(frozen=True)
class Decision:
    """The case; `named` is what to use, or the best with dropout where that is not shown to help.

    `beside` is the best at another width, or what comes next where no dropout is not compared.
    Where there were too few seeds, `n_seeds` would show a gain of `size`; None is more than 1000.
    """

    case: Case
    named: Standing
    beside: Standing | None = None
    n_seeds: int | None = None
    size: float = 0.0


def decide(comparison: Comparison) -> Decision:
    """The case of a comparison.

    Dropout helps where a variant is better than no dropout (Holm) and may be the best. It does not
    where a hundred seeds would miss the gain of the best, and one of twice the spread over seeds
    would have shown; in between there are too few seeds.
    """
    judged = comparison.judged
    if len(judged) < 2:
        case = Case.ALONE if judged else Case.ONE_SEED
        return Decision(case, comparison.rows[0])
    if comparison.none is None or not comparison.dropouts:
        return _choice(comparison, comparison.undistinguished)
    helping = [row for row in comparison.dropouts if _helps(comparison, row)]
    best = [row for row in comparison.undistinguished if _helps(comparison, row)]
    if not best:
        return _no_help(comparison)
    elsewhere = _at_other_widths(comparison, helping)
    if elsewhere is not None:
        return Decision(Case.ONLY_WIDTH, simplest(best), beside=elsewhere)
    return _choice(comparison, best)


def simplest(rows: Sequence[Standing]) -> Standing:
    """The fewest searched hyperparameters, of equals the narrowest, of equals the first."""
    return min(rows, key=lambda row: (row.candidate.n_hyperparameters, row.candidate.width or 0.0))


def _choice(comparison: Comparison, rows: Sequence[Standing]) -> Decision:
    """The simplest of rows; alone in the set, it is the winner."""
    if len(comparison.undistinguished) > 1:
        return Decision(Case.TIE, simplest(rows))
    after = None if rows[0].p_none is not None else comparison.judged[1]
    return Decision(Case.WINNER, rows[0], beside=after)


def _helps(comparison: Comparison, row: Standing) -> bool:
    return row.p_none is not None and row.p_none <= ALPHA and comparison.gain(row) > 0


def _no_help(comparison: Comparison) -> Decision:
    """That dropout does not help, or that more seeds are needed to say so."""
    best, of = max(comparison.dropouts, key=comparison.gain), len(comparison.dropouts)
    gain = max(0.0, comparison.gain(best))
    spread = math.inf if best.to_none is None else best.to_none.most_spread
    needed, least = seeds_to_tell(gain / spread, of), seeds_to_tell(_LARGE, of)
    is_first = all(row.candidate.is_dropout for row in comparison.undistinguished)
    if is_first or (needed is not None and needed <= _MANY_SEEDS):
        return Decision(Case.TOO_FEW, best, n_seeds=needed, size=gain)
    if least is None or best.n < least:
        return Decision(Case.TOO_FEW, best, n_seeds=least, size=_LARGE * spread)
    return Decision(Case.NO_HELP, best)


def _at_other_widths(comparison: Comparison, helping: Sequence[Standing]) -> Standing | None:
    """The best at another width than all that help, if none there helps; else None.

    One of their variants must have been searched there too, all there must be distinguishable from
    the best, and none may look better than no dropout.
    """
    widths = {row.candidate.width for row in helping}
    searched = (row for row in comparison.dropouts if row.candidate.role == "searched")
    others = [row for row in searched if row.candidate.width not in {None, *widths}]
    variants = {row.candidate.variant for row in helping} & {
        row.candidate.variant for row in others
    }
    if len(widths) > 1 or None in widths or not variants:
        return None
    best = {row.candidate.name for row in comparison.undistinguished}
    if any(comparison.gain(row) > 0 or row.candidate.name in best for row in others):
        return None
    return max(others, key=comparison.gain)
