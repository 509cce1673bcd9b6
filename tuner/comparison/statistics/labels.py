"""How candidates are called in a sentence."""

from tuner.comparison.statistics.pairwise import Comparison, Standing
from tuner.comparison.statistics.scored import ScoredCandidate
from tuner.schema import AS_WRITTEN

LIKE = " like "
"""Between `none` and the candidate whose twin it is, in a name."""

_NOT_SHARED = ("variant", "rate", "input_rate")


def label(candidate: ScoredCandidate) -> str:
    """`gaussian dropout at 0.31, width 256`."""
    width = "" if candidate.width is None else f", width {candidate.width:g}"
    if candidate.variant == AS_WRITTEN:
        return f"the network as written{width}"
    if not candidate.is_dropout:
        selu = "" if candidate.variant == "none" else ", SELU"
        _, like, other = candidate.name.partition(LIKE)
        return f"no dropout{selu}{width}" + (f", else as {other}" if like else "")
    noun = "" if candidate.variant.startswith("drop") else " dropout"
    rate = "" if candidate.rate is None else f" at {candidate.rate:.2g}"
    return f"{candidate.variant}{noun}{rate}{width}"


def short(comparison: Comparison, candidate: ScoredCandidate) -> str:
    """`gaussian 0.31`, with the width where there are several."""
    if not candidate.is_dropout:
        return label(candidate)
    rate = "" if candidate.rate is None else f" {candidate.rate:.2g}"
    several = len({other.width for other in comparison.scores.candidates}) > 1
    width = f" at width {candidate.width:g}" if several and candidate.width is not None else ""
    return f"{candidate.variant}{rate}{width}"


def whose(twin: Standing | None, other: Standing | None) -> str:
    """By what two networks without dropout differ, as the owner of a gain: `the width's`."""
    if twin is None or other is None:
        return "the network's"
    first, second = twin.candidate.params, other.candidate.params
    names = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    found = [name.replace("_", " ") for name in names if name not in _NOT_SHARED]
    if first.get("variant") != second.get("variant"):
        found.append("activation")
    return f"{_and(found)}'s" if found else "the network's"


def _and(words: list[str]) -> str:
    *first, last = (f"the {word}" for word in words)
    return f"{', '.join(first)} and {last}" if first else last
