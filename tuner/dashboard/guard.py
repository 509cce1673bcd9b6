"""What stands before optuna-dashboard: who is let in, and what is refused."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.sansio.utils import host_is_trusted
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tuner.dashboard.answers import finish, refuse
from tuner.dashboard.internals import ARTIFACTS, CONTOUR, TABLE
from tuner.dashboard.login import Brake, Login, Token
from tuner.dashboard.server import HEALTH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOGGER = logging.getLogger("tuner")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_CONTOUR_TRIALS = 500
"""The contour plot grows with the square of the params, each panel with the trials: gigabytes."""

MOST_TRIALS = 10_000
"""All trials of a study at once, as tables and plots of optuna-dashboard have them: 0.5 GB."""

_READS = ("GET", "HEAD", "OPTIONS")
_SENT = ("application/json", "multipart/form-data")
_FAILED = 500
_REFUSED = (401, 421, 429)


@dataclass(frozen=True)
class Rules:
    """Whom to let in: by which names, with which login or token, and whether to write.

    Without a login, who has the token is let in; without either everybody. `logs` every answer.
    """

    login: Login | None = None
    token: Token | None = None
    hosts: Sequence[str] = LOOPBACK
    writable: bool = False
    logs: bool = False


@dataclass(frozen=True)
class Guard:
    """A WSGI application that lets another one answer what it does not refuse.

    `is_alive` asks the database; `count` gives the number of trials of a study.
    """

    application: "WSGIApplication"
    rules: Rules
    is_alive: Callable[[], bool]
    count: Callable[[int], int]
    brake: Brake = field(default_factory=Brake)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        environ.setdefault("HTTP_ACCEPT_ENCODING", "identity")  # its absence is an error there
        request, began = Request(environ), time.monotonic()
        path = request.path.rstrip("/")
        is_file = path.startswith(ARTIFACTS)
        answer = self._answer(request, path) or Response.from_app(
            self.application, environ, buffered=not is_file
        )
        self._remember(request, answer)
        finish(answer, request, path)
        self._log(request, answer, time.monotonic() - began)
        return answer(environ, start_response)

    def _answer(self, request: Request, path: str) -> Response | None:
        if path == HEALTH:
            return Response("ok\n") if self.is_alive() else Response("no database\n", 503)
        if not _is_served(request.headers.get("Host", ""), self.rules.hosts):
            return refuse(421, "this host name is not served here (--allow-host)")
        stopped = self._let_in(request)
        if stopped is not None:
            return stopped
        if request.method not in _READS:
            return self._refuse_write(request)
        return self._refuse_many(path)

    def _let_in(self, request: Request) -> Response | None:
        """Nothing for somebody who is known; a way to be known for who has shown the token."""
        token, login = self.rules.token, self.rules.login
        if token is None or token.admits(request.cookies.get(_cookie(request))):
            return None
        if login is not None:
            return self._log_in(request, login)
        given = request.authorization
        if given is not None and given.type in ("token", "bearer") and token.admits(given.token):
            return None
        if not token.admits(request.args.get("token")):
            return refuse(
                401, "open the address that 'tuner dashboard' has printed: it has a token"
            )
        answer = redirect(request.path)
        answer.set_cookie(_cookie(request), token.word, httponly=True, samesite="Strict")
        return answer

    def _remember(self, request: Request, answer: Response) -> None:
        """Who has logged in is known by a cookie: nobody's wrong passwords keep him waiting."""
        token = self.rules.token
        if self.rules.login is None or token is None or request.path.rstrip("/") == HEALTH:
            return
        is_known = token.admits(request.cookies.get(_cookie(request)))  # not from an earlier start
        if not is_known and answer.status_code not in _REFUSED:
            answer.set_cookie(_cookie(request), token.word, httponly=True, samesite="Strict")

    def _log_in(self, request: Request, login: Login) -> Response | None:
        address = request.remote_addr or "-"
        if self.brake.is_on(address):
            return refuse(429, "too many wrong passwords: try again soon", {"Retry-After": "2"})
        if login.admits(request.authorization):
            return None
        if request.authorization is not None:
            self.brake.count(address)
            _LOGGER.warning("dashboard: wrong user or password from %s", address)
        ask = {"WWW-Authenticate": 'Basic realm="tuner", charset="UTF-8"'}
        return refuse(401, "wrong user or password", ask)

    def _refuse_write(self, request: Request) -> Response | None:
        if not self.rules.writable:
            return refuse(403, "read-only: nothing is changed here (--writable)")
        if not _is_from_here(request):
            return refuse(403, "another site may not change anything here")
        if request.content_length and request.mimetype not in _SENT:
            return refuse(415, "application/json is taken here")
        return None

    def _refuse_many(self, path: str) -> Response | None:
        """What would take gigabytes of memory to answer."""
        for asked, most in ((CONTOUR, MOST_CONTOUR_TRIALS), (TABLE, MOST_TRIALS)):
            found = asked.fullmatch(path)
            if found and self.count(int(found[1])) > most:
                what = "contour plot" if asked is CONTOUR else "pages here"
                return refuse(403, f"no {what} of more than {most} trials: see its report")
        return None

    def _log(self, request: Request, answer: Response, seconds: float) -> None:
        if self.rules.logs:
            size, status = answer.content_length or 0, answer.status_code
            line = (request.remote_addr, request.method, request.path, status, size)
            _LOGGER.warning("%s %s %s %d %d bytes %.0f ms", *map(_flat, line), 1000 * seconds)
        elif answer.status_code >= _FAILED:
            _LOGGER.warning(
                "dashboard: %s %s: %s", request.method, _flat(request.path), answer.status
            )


def _cookie(request: Request) -> str:
    """Its name: all ports of a host share their cookies."""
    return f"tuner-{request.environ.get('SERVER_PORT', '')}"


def _flat(part: object) -> object:
    """What others have sent, on one line."""
    return ascii(part)[1:-1] if isinstance(part, str) else part


def _is_served(host: str, names: Sequence[str]) -> bool:
    """Whether a Host header, whatever its port, is one of the names: else DNS could be rebound."""
    return host_is_trusted(host) and urlsplit(f"//{host}").hostname in names


def _is_from_here(request: Request) -> bool:
    """Whether no page of another site sent this: browsers give a known login to any."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
