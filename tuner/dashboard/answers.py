"""How an answer is sent: what a browser may do with it, compressed, or why there is none."""

import gzip
import json

from werkzeug.wrappers import Request, Response

from tuner.dashboard.front import is_ours
from tuner.dashboard.internals import ARTIFACTS

_COMPRESSED = ("text/", "application/json", "application/javascript", "image/svg")
_LEAST = 1_000
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


def refuse(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    """An answer in the form that the pages of optuna-dashboard show to their user."""
    body = json.dumps({"reason": reason}) + "\n"
    return Response(body, status, headers, mimetype="application/json")


def finish(answer: Response, request: Request, path: str) -> None:
    """Compress an answer for who takes that, and tell a browser what it may do with it."""
    _compress(answer, request)
    _set_headers(answer, path)


def _compress(answer: Response, request: Request) -> None:
    """Text that is long is sent compressed to who takes that."""
    is_taken = request.accept_encodings["gzip"] > 0
    if not is_taken or answer.content_encoding or answer.is_streamed:
        return
    if (answer.mimetype or "").startswith(_COMPRESSED) and len(answer.data) > _LEAST:
        answer.data = gzip.compress(answer.data, 5, mtime=0)
        answer.content_encoding = "gzip"
        answer.vary.add("Accept-Encoding")


def _set_headers(answer: Response, path: str) -> None:
    for name, value in (_HEADERS | (_ARTIFACT if path.startswith(ARTIFACTS) else {})).items():
        if not (name == _POLICY_NAME and is_ours(path) and name in answer.headers):
            answer.headers[name] = value
    answer.headers.remove("Access-Control-Allow-Origin")
