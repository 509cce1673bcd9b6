"""What is said of a study: of one that rests the store keeps it, to be read without libraries."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tuner.storage import glance
from tuner.storage.keys import TOLD

if TYPE_CHECKING:
    from tuner.comparison.answer import Answer
    from tuner.study.overview import Overview

_N_PARAMS = (None, 2, 1)
"""How many params a table of variants has, from the widest terminal to the narrowest."""


@dataclass(frozen=True)
class Told:
    """All that terminals show of a study, as JSON has it.

    `document` is what --json prints, without the store, `more` what it has of the progress. The
    `lines` are those of the answer with their names, `tables` those of the variants as titles and
    rows, with fewer params each, and `below` is said under them. `is_over`: nothing is left to run.
    """

    document: Mapping[str, Any]
    more: Mapping[str, Any]
    lines: Sequence[Sequence[str]]
    tables: Sequence[tuple[Sequence[str], Sequence[Sequence[str]]]]
    below: Sequence[str]
    best: str
    progress: str
    is_over: bool

    def without_answer(self) -> "Told":
        """The same while trials wait: it would change with each."""
        document = {name: value for name, value in self.document.items() if name != "answer"}
        return replace(self, document=document, lines=())


def kept(study: str, url: str) -> Told | None:
    """What the store keeps of a study; None where anything has changed since, or a trial runs."""
    rest = glance.at_rest(study, url)
    found = None if rest is None else rest.kept.get(TOLD)
    if rest is None or found is None or found["stamp"] != rest.stamp:
        return None
    return Told(**found["told"])


def tell(study: str, url: str) -> Told:
    """The same from all trials, which the store keeps from now on."""
    from tuner.comparison.answer import answer_in
    from tuner.storage.connect import open_storage
    from tuner.study.overview import overview
    from tuner.study.studies import load_study

    rest = glance.at_rest(study, url)  # before it is read: what ends meanwhile is noticed
    store = open_storage(url)
    known = load_study(study, store)
    said = told_of(overview(known), answer_in(known, store))
    if rest is not None:
        glance.keep(url, rest.study_id, TOLD, {"stamp": rest.stamp, "told": asdict(said)})
    return said


def told_of(found: "Overview", answer: "Answer | None") -> Told:
    """What is said of a study with an answer."""
    from tuner.cli import documents
    from tuner.study.summary import LEGEND, best_line, remarks, too_few, variants_table

    results = found.results
    below = (best_line(results), LEGEND, too_few(results), *remarks(results))
    return Told(
        document=documents.document(results, "", [], answer),
        more=found.document(),
        lines=[] if answer is None else answer.lines(),
        tables=[variants_table(results, n) for n in _N_PARAMS],
        below=[line for line in below if line],
        best=best_line(results) if results.best else "",
        progress=progress_line(found),
        is_over=found.is_over,
    )


def progress_line(found: "Overview") -> str:
    """How many trials are finished, and the time left."""
    from tuner.study.formatting import duration

    counts = found.results.counts
    retried = f" {found.retries} attempts came to nothing." if found.retries else ""
    left = f" ETA {duration(found.eta)}." if found.eta else ""
    return f"{counts.finished} of {found.budget} trials finished.{left}{retried}"
