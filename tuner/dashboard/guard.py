"""What stands before optuna-dashboard: who asks, for what, and how a browser takes the answer."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Request, Response

from tuner.dashboard.front import is_ours
from tuner.dashboard.internals import ARTIFACTS, CONTOUR
from tuner.dashboard.login import Login

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_CONTOUR_TRIALS = 500
"""The contour plot grows with the square of the params, each panel with the trials: gigabytes."""

_READS = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline' data:;"
    " img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_POLICY_NAME = "Content-Security-Policy"
_HEADERS = {
    _POLICY_NAME: _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ARTIFACT = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "attachment",
}


@dataclass(frozen=True)
class Rules:
    """Whom to let in: by which names, with which login, and whether to write."""

    login: Login | None = None
    hosts: Sequence[str] = LOOPBACK
    writable: bool = False


@dataclass(frozen=True)
class Guard:
    """A WSGI application that lets another one answer what it does not refuse.

    `is_alive` asks the database; `count` gives the number of trials of a study.
    """

    application: "WSGIApplication"
    rules: Rules
    is_alive: Callable[[], bool]
    count: Callable[[int], int]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        environ.setdefault("HTTP_ACCEPT_ENCODING", "identity")  # its absence is an error there
        request = Request(environ)
        path = request.path.rstrip("/")
        answer = self._answer(request, path) or self.application

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, _with_ours(headers, path), *error)

        return answer(environ, start)

    def _answer(self, request: Request, path: str) -> Response | None:
        if path == "/healthz":
            return Response("ok\n") if self.is_alive() else Response("no database\n", 503)
        if not _is_served(request.headers.get("Host", ""), self.rules.hosts):
            return _refuse(421, "this host name is not served here (--allow-host)")
        login = self.rules.login
        if login is not None and not login.admits(request.authorization):
            ask = {"WWW-Authenticate": 'Basic realm="tuner", charset="UTF-8"'}
            return _refuse(401, "wrong user or password", ask)
        if request.method not in _READS:
            return self._refuse_write(request)
        found = CONTOUR.fullmatch(path)
        if found and self.count(int(found[1])) > MOST_CONTOUR_TRIALS:
            return _refuse(403, f"no contour plot of more than {MOST_CONTOUR_TRIALS} trials")
        return None

    def _refuse_write(self, request: Request) -> Response | None:
        if not self.rules.writable:
            return _refuse(403, "read-only: nothing is changed here (--writable)")
        if not _is_from_here(request):
            return _refuse(403, "another site may not change anything here")
        return None


def _is_served(host: str, names: Sequence[str]) -> bool:
    """Whether a Host header, whatever its port, is one of the names: else DNS could be rebound."""
    return host_is_trusted(host) and urlsplit(f"//{host}").hostname in names


def _is_from_here(request: Request) -> bool:
    """Whether no page of another site sent this: browsers give a known login to any."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _refuse(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    """An answer in the form that the pages of optuna-dashboard show to their user."""
    body = json.dumps({"reason": reason}) + "\n"
    return Response(body, status, headers, mimetype="application/json")


def _with_ours(headers: list[tuple[str, str]], path: str) -> list[tuple[str, str]]:
    changed = Headers(headers)
    for name, value in (_HEADERS | (_ARTIFACT if path.startswith(ARTIFACTS) else {})).items():
        if not (name == _POLICY_NAME and is_ours(path) and name in changed):
            changed[name] = value
    changed.remove("Access-Control-Allow-Origin")
    return changed.to_wsgi_list()
