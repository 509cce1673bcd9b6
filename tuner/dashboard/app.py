"""The dashboard of a store as a WSGI application."""

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
import optuna_dashboard
import sqlalchemy
from optuna.artifacts import FileSystemArtifactStore
from werkzeug.wrappers import Request, Response

from tuner.comparison.companion import parent
from tuner.dashboard import internals, metrics, renewing
from tuner.dashboard.front import Front
from tuner.dashboard.guard import Guard, Rules
from tuner.errors import StoreError
from tuner.storage.connect import open_storage
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES, TRIALS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOOK = 1.0
"""Seconds between two looks for studies that were made anew."""

Studies = dict[int, tuple[object, ...]]


class Board:
    """optuna-dashboard on a store: a WSGI application that several threads may call.

    It is handed Optuna's cache of the trials, which is read again where a study was deleted and
    another has its number: SQLite gives the numbers of what was deleted to what is new.
    """

    def __init__(self, url: str, artifacts: Path | None = None, *, writable: bool = False) -> None:
        self.database = open_storage(url).database
        self._artifacts, self._page = artifacts, internals.page(writable=writable)
        self.front = Front(self.database, lambda: self.storage)
        self._metrics = metrics.Metrics(self.database)
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._studies = _identify(self.database)
        self._open()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        path = f"{request.path}/"
        if path.startswith(internals.DATA):
            self._renew()
        return (self._ours(request, path) or self._application)(environ, start_response)

    def _ours(self, request: Request, path: str) -> Response | None:
        """What is not left to optuna-dashboard as it stands."""
        if request.method not in ("GET", "HEAD"):
            return None
        if path == metrics.PATH:
            return self._metrics.answer(request)
        if path.startswith(internals.PAGES):
            return Response(self._page, mimetype="text/html")
        asks = internals.IMPORTANCES.fullmatch(path)
        if asks and self._is_contest(int(asks[1])):
            return internals.importances(None)
        if asks:
            return internals.importances(self._theirs(request))
        asks = internals.STUDY.fullmatch(path)
        if asks and self._is_contest(int(asks[1])):
            return internals.without_best(self._theirs(request))
        return self.front.answer(request)

    def _theirs(self, request: Request) -> Response:
        return Response.from_app(self._application, request.environ)

    def _is_contest(self, study_id: int) -> bool:
        """Whether a study compares candidates: its trials differ by their seeds only."""
        with self._lock:
            name, *_ = self._studies.get(study_id, ("",))
        return bool(parent(str(name)))

    def is_alive(self) -> bool:
        """Whether the database answers."""
        try:
            self.database.run(lambda each: each.execute(sqlalchemy.text("SELECT 1")), reads=True)
        except StoreError:
            return False
        return True

    def count(self, study_id: int) -> int:
        """The number of trials of a study, 0 where there is no such."""
        found = sqlalchemy.select(sqlalchemy.func.count()).where(TRIALS.c.study_id == study_id)
        return self.database.run(lambda each: each.execute(found).scalar_one(), reads=True)

    def _open(self) -> None:
        self.storage = optuna.storages.get_storage(self.database)
        store = None if self._artifacts is None else FileSystemArtifactStore(self._artifacts)
        self._application: WSGIApplication = optuna_dashboard.wsgi(self.storage, store)

    def _renew(self) -> None:
        with self._lock:
            if time.monotonic() - self._looked < _LOOK:
                return
            self._looked = time.monotonic()
            found, known = _identify(self.database), self._studies
            self._studies = known | found
            if any(known.get(number, study) != study for number, study in found.items()):
                self._open()


def application(
    url: str, rules: Rules, artifacts: Path | None = None, every: float = 0.0
) -> "WSGIApplication":
    """The dashboard of the store at a URL, guarded by `rules`.

    A thread renews figures and notes `every` so many seconds, none where that is 0.
    """
    board = Board(url, artifacts, writable=rules.writable)
    if every:
        renewing.keep_renewing(board.database, lambda: board.storage, every)
    return Guard(board, rules, board.is_alive, board.count)


def _identify(database: Database) -> Studies:
    """Name and beginning of every study that has begun, by number."""
    first = (
        sqlalchemy.select(TRIALS.c.datetime_start)
        .where(TRIALS.c.study_id == STUDIES.c.study_id)
        .order_by(TRIALS.c.trial_id)
        .limit(1)
        .scalar_subquery()
    )
    found = sqlalchemy.select(STUDIES.c.study_id, STUDIES.c.study_name, first)
    rows = database.run(lambda connection: connection.execute(found).all(), reads=True)
    return {number: (name, begun) for number, name, begun in rows if begun is not None}
