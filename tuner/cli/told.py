"""What is said of a study: of one that rests the store keeps it, to be read without libraries."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tuner import __version__
from tuner.errors import TunerError
from tuner.storage import glance
from tuner.storage.keys import TOLD

if TYPE_CHECKING:
    from tuner.comparison.answer import Answer
    from tuner.study.overview import Overview

MANY, GROWTH = 1000, 1.05
"""From so many trials on an answer is kept until there are so many times as many."""

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
    return None if rest is None else _kept(rest)


def _kept(rest: glance.Rest) -> Told | None:
    found = rest.kept.get(TOLD)
    return None if found is None or found["stamp"] != rest.stamp else Told(**found["told"])


def tell(study: str, url: str) -> Told:
    """The same from all trials, which the store keeps from now on.

    While a search of many trials goes on, its answer is made anew with each 5 % more of them.
    """
    return _tell(study, url, is_anew=False)


def renew(study: str, url: str) -> None:
    """Have the store keep what is said of a study now, with a new answer."""
    _tell(study, url, is_anew=True)


def _tell(study: str, url: str, *, is_anew: bool) -> Told:
    from tuner.storage.connect import open_storage
    from tuner.study.overview import overview
    from tuner.study.studies import load_study

    rest = glance.at_rest(study, url)  # before it is read: what ends meanwhile is noticed
    store = open_storage(url)
    known = load_study(study, store)
    found = overview(known)
    may_be_earlier = not (is_anew or found.is_over)
    earlier = _recent(glance.kept(url, study).get(TOLD), found) if may_be_earlier else None
    if earlier is not None:
        return _with_answer(told_of(found, None), earlier)
    from tuner.comparison.answer import answer_in

    said = told_of(found, answer_in(known, store))
    stamp = None if rest is None else rest.stamp
    kept = {"stamp": stamp, "version": __version__, "told": asdict(said)}
    glance.keep(url, known.id, TOLD, kept)
    return said


def keep_of_many(studies: Iterable[str], url: str) -> None:
    """Have the store keep what is said of those of the studies that are long, and have ended.

    Where it cannot be said now, whoever asks for it makes it.
    """
    for study in studies:
        rest = glance.at_rest(study, url)
        if rest is None or rest.waiting or rest.finished < MANY or _kept(rest) is not None:
            continue
        with contextlib.suppress(TunerError):
            tell(study, url)


def _recent(kept: Mapping[str, Any] | None, found: "Overview") -> Mapping[str, Any] | None:
    """What was said of a study, where its answer would hardly be another by now."""
    if kept is None or kept.get("version") != __version__ or not kept["told"]["lines"]:
        return None
    n = _n_finished(kept["told"])
    is_recent = MANY <= n <= found.results.counts.finished <= n * GROWTH
    return kept["told"] if is_recent else None


def _with_answer(said: Told, earlier: Mapping[str, Any]) -> Told:
    """What is said now, with the answer that was given before."""
    remark = (
        f"The answer is that of {_n_finished(earlier):,} finished trials; it is made anew once"
        " there are 5 % more."
    )
    document = {**said.document, "answer": earlier["document"]["answer"]}
    return replace(said, document=document, lines=earlier["lines"], below=[*said.below, remark])


def _n_finished(told: Mapping[str, Any]) -> int:
    states = told["document"]["trials"]
    return int(states["complete"] + states["pruned"])


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
