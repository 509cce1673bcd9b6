"""A decision in a sentence: no difference without its interval."""

import math
from collections.abc import Iterator

from tuner.comparison.statistics.decision import Case, Decision, simplest
from tuner.comparison.statistics.estimates import ALPHA, MOST_SEEDS
from tuner.comparison.statistics.formatting import Units, p_value
from tuner.comparison.statistics.pairwise import Comparison, Standing
from tuner.comparison.statistics.scored import ScoredCandidate
from tuner.study.sampling_error import most_sampling_error

_MANY_ROWS = 1e7
_SENTENCES = {
    Case.WINNER: "Use {named}, the best of {n_judged}: {value}{difference} ({sure}).",
    Case.TIE: (
        "Use {named}, the simplest of the best {n_best}{shown}: {value}{difference} ({sure})."
        " Not distinguishable from it: {others}."
    ),
    Case.ONLY_WIDTH: (
        "Dropout helps only at width {width}: use {named}, {value}{difference} ({sure}); the best"
        " at another width, {beside}, is {beside_difference}."
    ),
    Case.NO_HELP: (
        "Dropout does not help here: use {none}, {none_value}; the best with dropout, {named}, has"
        " {value}{difference} ({sure})."
    ),
    Case.TOO_FEW: (
        "{n} seeds are too few to tell whether dropout helps: the best with it, {named}, has"
        " {value}{difference} ({sure}); it would take {needed} seeds to show a gain of {size}."
    ),
    Case.ALONE: "Only {named} was compared: {value} ({sure}).",
    Case.ONE_SEED: (
        "One seed cannot tell how sure this is: the best is {named}, {value}; an interval needs two"
        " seeds at least."
    ),
}


def sentence(comparison: Comparison, decision: Decision) -> str:
    """What to do, and how sure that is.

    The intervals hold for a configuration that was picked from the candidates for its values.
    """
    text = _SENTENCES[decision.case].format_map(_phrases(comparison, decision))
    return " ".join([text, *_remarks(comparison)])


def note(comparison: Comparison, decision: Decision) -> str:
    """What no number of seeds tells: how far another test part would move the values."""
    units, row, n_test = Units(comparison.scores.metric), decision.named, comparison.scores.n_test
    if row.sampling_error is None:
        return (
            f"The intervals are about other seeds, not about other rows than the {n_test} tested."
        )
    text = f"On {n_test} test rows the sampling error is {units.size(row.sampling_error)}"
    if row.sampling_error_to_none is not None:
        text += f", that of the difference {units.size(row.sampling_error_to_none)} at most"
    if row.mean is not None and row.mean.spread is not None:
        text += f"; the spread over seeds is {units.size(row.mean.spread)}"
    return f"{text}."


def too_small(comparison: Comparison, decision: Decision, n_validation: int) -> Iterator[str]:
    """A warning where `n_validation` rows could not show the search what the seeds have shown.

    A difference is shown by rows of which two standard errors fit into it; the errors of the two
    are taken to be on different rows, as is the case at most.
    """
    row, none = decision.named, comparison.none
    if none is None or row is none or row.mean is None or row.to_none is None or none.mean is None:
        return
    if comparison.scores.metric != "accuracy":
        return
    error = most_sampling_error(row.mean.value, none.mean.value, n_validation)
    difference = abs(row.to_none.value)
    if difference >= 2 * error or not difference:
        return
    units, n = Units("accuracy"), n_validation * (2 * error / difference) ** 2
    needed = f"{_rounded_up(n):,} rows would" if n < _MANY_ROWS else "no usual number would"
    yield (
        f"The validation part was too small for the search: on {n_validation} rows a difference"
        f" has a standard error of up to {units.size(error)}, and this one is"
        f" {units.size(difference)} ({needed} do); what it chose was partly luck."
    )


def _rounded_up(n: float) -> int:
    """To two digits: 12,345 is 13,000."""
    step: int = 10 ** max(0, math.floor(math.log10(n)) - 1)
    return math.ceil(n / step) * step


def label(candidate: ScoredCandidate) -> str:
    """`gaussian dropout at 0.31, width 256`."""
    noun = "" if candidate.variant.startswith("drop") else " dropout"
    name = f"{candidate.variant}{noun}" if candidate.is_dropout else "no dropout"
    rate = "" if candidate.rate is None else f" at {candidate.rate:.2g}"
    width = "" if candidate.width is None else f", width {candidate.width:g}"
    return f"{name}{rate}{width}"


def _phrases(comparison: Comparison, decision: Decision) -> dict[str, object]:
    row, beside, none = decision.named, decision.beside, comparison.none
    best = comparison.undistinguished
    difference, sure = _against(comparison, decision)
    return {
        "named": label(row.candidate),
        "value": _value(comparison, row),
        "difference": difference,
        "sure": sure,
        "n": row.n,
        "n_judged": len(comparison.judged),
        "n_best": len(best),
        "shown": "" if not best or simplest(best) is row else " that is shown to help",
        "others": ", ".join(_short(comparison, other) for other in best if other is not row),
        "needed": f"about {decision.n_seeds}" if decision.n_seeds else f"more than {MOST_SEEDS}",
        "size": Units(comparison.scores.metric).size(decision.size),
        "width": "" if row.candidate.width is None else f"{row.candidate.width:g}",
        "none": "" if none is None else label(none.candidate),
        "none_value": "" if none is None else _value(comparison, none),
        "beside": "" if beside is None else label(beside.candidate),
        "beside_difference": "" if beside is None else _to_none(comparison, beside),
    }


def _value(comparison: Comparison, row: Standing) -> str:
    units = Units(comparison.scores.metric)
    return "" if row.mean is None else units.value(row.mean, max(1, len(comparison.judged)))


def _to_none(comparison: Comparison, row: Standing) -> str:
    units, of = Units(comparison.scores.metric), len(comparison.dropouts)
    if row.to_none is None or row.p_none is None:
        return ""
    return f"{units.difference(row.to_none, of, is_sure=row.p_none <= ALPHA)} no dropout"


def _against(comparison: Comparison, decision: Decision) -> tuple[str, str]:
    """The difference to no dropout, or of a winner to the next; the seeds and the p behind it."""
    row, after = decision.named, decision.beside
    seeds = f"{row.n} seed" if row.n == 1 else f"{row.n} seeds"
    if row.p_none is not None:
        return f", {_to_none(comparison, row)}", f"{seeds}, {p_value(row.p_none)}"
    if after is None or after.to_best is None or after.p_best is None:
        return "", seeds
    units, is_sure = Units(comparison.scores.metric), after.p_best <= ALPHA
    difference = units.difference(-after.to_best, comparison.n_rivals, is_sure=is_sure)
    return f", {difference} the next, {label(after.candidate)}", f"{seeds}, {p_value(after.p_best)}"


def _short(comparison: Comparison, row: Standing) -> str:
    """`gaussian 0.31`, with the width where there are several."""
    candidate = row.candidate
    name = candidate.variant if candidate.is_dropout else "no dropout"
    rate = "" if candidate.rate is None else f" {candidate.rate:.2g}"
    several = len({other.candidate.width for other in comparison.rows}) > 1
    width = f" at width {candidate.width:g}" if several and candidate.width is not None else ""
    return f"{name}{rate}{width}"


def _remarks(comparison: Comparison) -> list[str]:
    """What is missing in the comparison."""
    if not comparison.judged:
        return []
    candidates = comparison.scores.candidates
    n_seeds = len(candidates[0].values)
    missing = [(row, n_seeds - len(row.candidate.finished)) for row in comparison.rows]
    lost = ", ".join(f"{_short(comparison, row)} ({n} of {n_seeds})" for row, n in missing if n)
    remarks = [f"Seeds not finished: {lost}."] if lost else []
    if all(candidate.role != "no dropout" for candidate in candidates):
        remarks.append("No candidate is without dropout.")
    return remarks
