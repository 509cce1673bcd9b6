"""What a store answers over HTTP to those who have its token: POST /v1/NAME with arguments."""

import contextlib
import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from tuner.errors import StoreError, one_line
from tuner.server.proposing import Proposer
from tuner.storage import wire
from tuner.storage.operations import error_name, operations
from tuner.storage.rdb import again
from tuner.storage.remote import AGAIN
from tuner.storage.worker_storage import WorkerStorage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LOGGER = logging.getLogger("tuner")
_PREFIX = "/v1/"
_TRIES = 20
SLOW = ("/propose", "/judge")
"""What takes its time, and is done one after the other."""


class App:
    """A WSGI application for the workers of a store."""

    def __init__(self, store: WorkerStorage, token: str) -> None:
        self._token = f"Bearer {token}".encode()
        proposer = Proposer(store)
        self._operations: Mapping[str, Callable[..., Any]] = {
            **operations(store.database),
            "propose": proposer.propose,
            "judge": proposer.judge,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, self._token):
            _LOGGER.warning("a wrong token from %s", request.remote_addr)
            return Response("a token is needed", 401)
        name = request.path.removeprefix(_PREFIX)
        if request.method != "POST" or name not in self._operations:
            return Response("no such operation: is this tuner of another version?", 404)
        try:
            args, kwargs = wire.loads(request.get_data())
        except ValueError as error:
            return Response(one_line(error), 400)
        return self._done(name, args, kwargs, is_again=AGAIN in request.headers)

    def _done(self, name: str, args: Any, kwargs: Any, *, is_again: bool) -> Response:
        try:
            if is_again:
                with again():
                    found = self._operations[name](*args, **kwargs)
            else:
                found = self._operations[name](*args, **kwargs)
            return _json({"found": found})
        except StoreError as error:
            return Response(str(error), 503)
        except Exception as error:
            meant = error_name(error)
            if meant is None:
                _LOGGER.exception("%s failed", name)
                return Response(f"{name} failed: {one_line(error)}", 500)
            said = error.args[0] if error.args else ""
            return _json({"error": meant, "words": str(said)})


def _json(value: Any) -> Response:
    """An answer; what another thread adds to while it is written is written again."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(RuntimeError):
            return _response(wire.dumps(value))
    return _response(wire.dumps(value))


def _response(text: bytes) -> Response:
    return Response(text, 200, content_type="application/json")
