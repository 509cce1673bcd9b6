"""A decision in a sentence: both contrasts, and no difference without its interval."""

from collections.abc import Iterator

from tuner.comparison.statistics.decision import Case, Decision, simplest, tuned
from tuner.comparison.statistics.estimates import MOST_SEEDS
from tuner.comparison.statistics.formatting import Units, p_value
from tuner.comparison.statistics.labels import label, short, whose
from tuner.comparison.statistics.monitored import Measured
from tuner.comparison.statistics.pairwise import Comparison, Standing
from tuner.comparison.statistics.race import against_written, wanted

_SENTENCES = {
    Case.HELPS: "Use {named}: {value}, {contrasts} ({sure}).{ties}",
    Case.NO_TWIN: "Use {named}: {value}, {gain} {none} ({sure}).{ties}",
    Case.NOT_DROPOUT: (
        "The gain is {whose}, not dropout's: {named}, {value}, is {to_tuned} {tuned}, but not shown"
        " to beat the same network without dropout: {effect} it ({n} seeds); use {none},"
        " {none_value}."
    ),
    Case.ONLY_NETWORK: (
        "Dropout helps the network of {named}, but no network with it is shown to beat {none}:"
        " {value}, {contrasts} ({sure}); use {none}, {none_value}."
    ),
    Case.NO_HELP: (
        "Dropout does not help here: use {none}, {none_value}; the best with dropout, {named}, has"
        " {value}, {contrasts} ({sure})."
    ),
    Case.TOO_FEW: (
        "{n} seeds are too few to tell whether dropout helps: the best with it, {named}, has"
        " {value}, {contrasts} ({sure}); it would take {needed} seeds to show a gain of {size}."
    ),
    Case.NO_BASELINE: "Use {named}: {value} ({sure}).{ties}",
    Case.ALONE: "Only {named} was compared: {value} ({sure}).",
    Case.ONE_SEED: (
        "One seed cannot tell how sure this is: the best is {named}, {value}; an interval needs two"
        " seeds at least."
    ),
}


def sentence(comparison: Comparison, decision: Decision) -> str:
    """What to do, and how sure that is: against the same network without dropout, and the best.

    The intervals hold for a configuration that was picked from the candidates for its values.
    """
    text = _SENTENCES[decision.case].format_map(_phrases(comparison, decision))
    return " ".join([text, *_owner(comparison, decision), *_remarks(comparison)])


def _phrases(comparison: Comparison, decision: Decision) -> dict[str, object]:
    row, of = decision.named, comparison.n_judged
    none = None if row.gain is None else comparison.row(row.gain.over)
    other = tuned(comparison, row)
    to_tuned = None
    if row.gain is not None and other is not None:
        to_tuned = row.gain.differences.get(other.candidate.name)
    return {
        "named": label(row.candidate),
        "value": _value(comparison, row),
        "contrasts": _contrasts(comparison, row),
        "effect": _difference(comparison, row.effect, of, is_sure=row.is_effect_shown),
        "gain": _difference(comparison, row.gain, of, is_sure=row.is_gain_shown),
        "to_tuned": _difference(comparison, to_tuned, of),
        "tuned": "" if other is None else label(other.candidate),
        "whose": whose(comparison.twin_of(row), other),
        "sure": _sure(decision),
        "n": row.n,
        "ties": _ties(comparison, row),
        "needed": f"about {decision.n_seeds}" if decision.n_seeds else f"more than {MOST_SEEDS}",
        "size": Units(comparison.scores.metric).size(decision.size),
        "none": "" if none is None else label(none.candidate),
        "none_value": "" if none is None else _value(comparison, none),
    }


def _value(comparison: Comparison, row: Standing) -> str:
    units = Units(comparison.scores.metric)
    return "" if row.mean is None else units.value(row.mean, comparison.n_picked)


def _difference(
    comparison: Comparison, found: Measured | None, of: int, *, is_sure: bool = False
) -> str:
    if found is None:
        return ""
    return Units(comparison.scores.metric).difference(found, of, is_sure=is_sure)


def _contrasts(comparison: Comparison, row: Standing) -> str:
    """Against its twin and against the best without dropout; once where they are the same."""
    of = comparison.n_judged
    effect = _difference(comparison, row.effect, of, is_sure=row.is_effect_shown)
    gain = _difference(comparison, row.gain, of, is_sure=row.is_gain_shown)
    if row.gain is None:
        return effect
    if row.effect is None:
        return f"{gain} {label(comparison.row(row.gain.over).candidate)}"
    twin = f"{effect} the same network without dropout"
    if row.gain.over == row.candidate.twin:
        return f"{twin}, which is the best without it" if len(row.gain.differences) > 1 else twin
    best = label(comparison.row(row.gain.over).candidate)
    return f"{twin}, {gain} the best network without dropout ({best})"


def _sure(decision: Decision) -> str:
    """The seeds and the p value behind what is said."""
    row = decision.named
    seeds = f"{row.n} seed" if row.n == 1 else f"{row.n} seeds"
    p = row.p_effect if decision.case is Case.ONLY_NETWORK else row.p_gain
    return seeds if p is None else f"{seeds}, {p_value(p)}"


def _ties(comparison: Comparison, row: Standing) -> str:
    """What may be as good; in a race the others were not trained for long enough to tell."""
    best = comparison.undistinguished
    others = ", ".join(short(comparison, other.candidate) for other in best if other is not row)
    if not others or comparison.scores.race is not None:
        return ""
    simple = ", and it is the simplest" if simplest(best) is row else ""
    return f" Not distinguishable from it{simple}: {others}."


def _owner(comparison: Comparison, decision: Decision) -> Iterator[str]:
    """What changes for the owner of a network with dropout who does as is said."""
    row = decision.named
    helps = decision.case in (Case.HELPS, Case.NO_TWIN, Case.NO_BASELINE)
    name = row.candidate.name if helps or row.gain is None else row.gain.over
    found = against_written(comparison.scores, name)
    if found is not None and found.interval() is not None:
        said = _difference(comparison, found, comparison.n_judged)
        yield f"That is {said} the network as written."


def _remarks(comparison: Comparison) -> list[str]:
    """What is missing in the comparison."""
    if not comparison.judged:
        return []
    scores, n_due = comparison.scores, dict[str, int]()
    for name, _ in wanted(scores, lambda name, place: True):
        n_due[name] = n_due.get(name, 0) + 1
    missing = [
        f"{short(comparison, each)} ({n_due[each.name] - len(each.finished)} of {n_due[each.name]})"
        for each in scores.candidates
        if len(each.finished) < n_due.get(each.name, 0)
    ]
    remarks = [f"Seeds not finished: {', '.join(missing)}."] if missing else []
    if not scores.nones:
        remarks.append("No candidate is without dropout.")
    elif any(each.twin is None for each in scores.dropouts):
        remarks.append(
            "What of a difference is dropout's was not compared: not every candidate has its twin,"
            " the same network without dropout."
        )
    return remarks
