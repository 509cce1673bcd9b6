"""A second run with other seeds: whether it contradicts what the first one says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evidence import saying, written
from evidence.case import NONE, Case
from evidence.part import Found, Part
from evidence.setting import Setting, first_run, second_run, word

TITLE = "Other seeds"
TEXT = """\
The same networks with other seeds, which are in no table above (`--first 100`): without dropout,
and at the rate that the first run chose. A line is *contradicted* where both intervals exclude 0,
on opposite sides.
"""


def asked(case: Case, found: Found) -> Case:
    """Of a case what is compared: none, and of each kind what the first run chose."""
    first = first_run(found)
    kinds = {str(params["variant"]) for params in case.candidates}
    chosen = [NONE, *(written.chosen_if_any(first, case.name, kind) for kind in kinds)]
    return replace(case, candidates=[each for each in case.candidates if each in chosen])


def pairs(part: Part, found: Found) -> list[tuple[Setting, list[float]]]:
    """The settings of the first run, with the gains of the second at the same rate."""
    again = {each.name: each for each in part.settings(second_run(found))}
    return [
        (each, again[each.name].values(each.chosen))
        for each in part.settings(first_run(found))
        if each.name in again and each.chosen in again[each.name].gains
    ]


def verdict(first: Setting, second: Sequence[float]) -> str:
    """What a second run says of the first."""
    words = first.word, word(second)
    if set(words) == {"helps", "harms"}:
        return "contradicted"
    if words[0] == words[1]:
        return "the same" if words[0] != "not told" else "not told in either"
    return "told in one"


def show(parts: Mapping[str, Part], found: Mapping[str, Found]) -> str:
    """The section of all parts with a second run; empty where none has one."""
    tables = []
    for name, part in parts.items():
        rows = pairs(part, found.get(name, []))
        if rows:
            tables.append(f"{part.title}: {said(rows)}\n\n{_table(rows)}")
    return "\n".join(tables)


def said(rows: Sequence[tuple[Setting, list[float]]]) -> str:
    """How many are contradicted, and how many clear gains are clear again."""
    told = [(first, verdict(first, second)) for first, second in rows if first.word != "not told"]
    against = [row[0].name for row in rows if verdict(*row) == "contradicted"]
    same = sum(each == "the same" for _, each in told)
    names = f" ({saying.listed(against)})" if against else ""
    again = f"of {len(told)} that the first run tells, the second tells {same} again"
    if not told:
        again = "the first run tells of none that it gains or loses"
    return f"{len(against)} of {len(rows)} are contradicted{names}; {again}."


def _table(rows: Sequence[tuple[Setting, list[float]]]) -> str:
    lines = [
        (
            first.name,
            f"{first.chosen:g}",
            saying.gain(first),
            written.shown(second, 1),
            len(second),
            verdict(first, second),
        )
        for first, second in rows
    ]
    header = ("setting", "rate", "first run", "second run", "seeds", "the second says")
    return written.table(header, lines)
