"""Our own pages: all studies and the report of each, renewed with its trials."""

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from optuna.storages import BaseStorage
from werkzeug.wrappers import Request, Response

from tuner import __version__
from tuner.comparison.companion import parent
from tuner.dashboard import internals
from tuner.dashboard.directory import Listed, listed
from tuner.errors import one_line
from tuner.export.report import overview, page
from tuner.export.report.overview import Entry
from tuner.export.report.page import Live
from tuner.storage.optuna_objects import StoredStudy
from tuner.storage.rdb import Database

_LOGGER = logging.getLogger("tuner")
PAGES = "/studies/"
"""Where the reports are; the list of studies is at the root."""

_REST = 10
"""A page is made anew after a rest of so many times the time that it took."""

_MOST_KEPT = 32
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@dataclass(frozen=True)
class Made:
    """A page as it was made: of what, when, and in how long."""

    text: str
    tag: str
    at: float
    took: float


@dataclass
class Front:
    """Answers for our own pages; several threads may ask."""

    database: Database
    storage: Callable[[], BaseStorage]
    _made: dict[str, Made] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Response | None:
        """A page, or None for an address that is none of ours."""
        path = request.path
        if path == "/":
            return _respond(request, *self._overview())
        if not path.startswith(PAGES):
            return None
        name = path.removeprefix(PAGES).rstrip("/")
        studies = listed(self.database)
        found = studies.get(name) or studies.get(parent(name))
        if found is None or not found.definition:
            return Response(f"no study {name!r} of tuner is in this store\n", 404)
        try:
            made = self._report(found)
        except Exception as error:  # noqa: BLE001 (what cannot be read is said, and keeps none waiting)
            reason = one_line(error)
            _LOGGER.warning("study %s: %s", found.name, reason)
            return Response(f"study {found.name!r}: {reason}\n", 500)
        return _respond(request, made.text, made.tag)

    def _overview(self) -> tuple[str, str]:
        studies = listed(self.database)
        tag = _digest("".join(f"{row.state} {row.answer}\n" for row in studies.values()))
        n_open = sum(row.is_open for row in studies.values())
        running = f", {n_open} not at an end" if n_open else ""
        state = f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}{running}"
        live = Live(tag, state, [("optuna-dashboard", internals.PAGES.rstrip("/"))])
        return overview.render([_entry(row) for row in studies.values()], live), tag

    def _report(self, study: Listed) -> Made:
        """The page of a study; where there is an older one, nobody waits for the next."""
        kept, tag = self._made.get(study.name), _digest(study.state)
        if kept is not None and (kept.tag == tag or time.monotonic() < kept.at + _REST * kept.took):
            return kept
        if not self._making.acquire(blocking=kept is None):
            assert kept is not None  # noqa: S101 (it did not wait)
            return kept
        try:
            newer = self._made.get(study.name)  # of another thread, for which this one has waited
            return newer if newer is not None and newer.tag == tag else self._make(study, tag)
        finally:
            self._making.release()

    def _make(self, study: Listed, tag: str) -> Made:
        began = time.monotonic()
        storage = self.storage()
        live = Live(tag, state_of(study), list(_links(study)))
        text = page.of_study(StoredStudy(study.name, storage), storage, live)
        made = Made(text, tag, time.monotonic(), time.monotonic() - began)
        self._made.pop(study.name, None)
        self._made[study.name] = made
        while len(self._made) > _MOST_KEPT:
            del self._made[next(iter(self._made))]
        return made


def state_of(study: Listed) -> str:
    """How far a study is, and its comparisons."""
    parts = [_progress(study, "trials", study.definition.get("search", {}).get("trials"))]
    parts += [_progress(row, "trainings of the comparison") for row in study.contests.values()]
    following = "; this page follows them" if study.is_open else ""
    return f"{', '.join(parts)}{following}"


def _progress(row: Listed, what: str, budget: int | None = None) -> str:
    counts = row.counts
    total = max(counts.finished + counts.running + counts.waiting, budget or 0)
    more = ", ".join(
        f"{n} {state}"
        for state, n in vars(counts).items()
        if n and state in ("waiting", "running", "failed")
    )
    of_all = f" of {total}" if counts.finished < total else ""
    return f"{counts.finished}{of_all} {what} have ended{f' ({more})' if more else ''}"


def _entry(study: Listed) -> Entry:
    if not study.definition:
        said = "Not a study of tuner: optuna-dashboard shows it."
        return Entry(study.name, said, [], [_board("Its trials in optuna-dashboard", study)])
    counts, table = study.counts, study.definition
    said = study.answer or "Nothing is said of it yet; its report says what is known."
    pruned = f" ({counts.pruned} of them pruned)" if counts.pruned else ""
    failed = f", {counts.failed} failed" if counts.failed else ""
    running = f", {counts.running} running" if counts.running else ""
    facts = [
        ("Trials", f"{counts.finished} ended{pruned}{failed}{running}"),
        ("Data", str(table.get("data", "-"))),
        ("Model", str(table.get("model", "-"))),
        ("Metric", str(table.get("metric", "-"))),
    ]
    if study.contests:
        n = sum(row.counts.complete for row in study.contests.values())
        facts.append(("Compared", f"{n} trainings"))
    if study.last is not None:
        facts.append(("Last trial", f"{study.last:%Y-%m-%d %H:%M}"))
    return Entry(study.name, said, facts, [("Report", address(study.name)), *_boards(study)])


def _links(study: Listed) -> Iterator[tuple[str, str]]:
    yield "All studies", "/"
    yield from _boards(study)


def _boards(study: Listed) -> Iterator[tuple[str, str]]:
    yield _board("Trials in optuna-dashboard", study)
    for name, row in study.contests.items():
        split = name.partition("/compare-")[2]
        of = f"Comparison {split}" if split else "Comparison"
        yield _board(f"{of} in optuna-dashboard", row)


def _board(title: str, study: Listed) -> tuple[str, str]:
    return title, f"{internals.PAGES}studies/{study.number}"


def is_ours(path: str) -> bool:
    """Whether a page of ours has this address; each has a policy of its own."""
    return path in ("", "/") or path.startswith(PAGES)


def address(name: str) -> str:
    """Where the report of a study is."""
    return PAGES + name


def _digest(text: str) -> str:
    return hashlib.sha256(f"{__version__}\n{text}".encode()).hexdigest()[:16]


def _respond(request: Request, text: str, tag: str) -> Response:
    """A page with the policy that it asks for itself, not sent again to who has it."""
    response = Response(text, mimetype="text/html")
    found = _POLICY.search(text)
    assert found is not None  # noqa: S101 (both templates have one)
    response.headers["Content-Security-Policy"] = f"{found[1]}; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(tag)
    return response.make_conditional(request)
