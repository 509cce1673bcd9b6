"""The token of a store that is served: a file that its owner alone reads."""

import os
import secrets
from pathlib import Path

from tuner.errors import StoreError

TOKEN_FILE = "TUNER_STORAGE_TOKEN_FILE"  # noqa: S105 (names the file that holds one)
_OTHERS = 0o077


def read_token(path: Path) -> str:
    """The token of a file; StoreError where others may read it, or where there is none."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise StoreError(f"{path}: others may read the token: chmod 600 {path}")
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text"
        raise StoreError(f"{path}: {why}: a token is needed") from None
    if len(token) < 16 or not token.isascii() or not token.isprintable():
        raise StoreError(f"{path}: a token has at least 16 letters and digits")
    return token


def make_token(path: Path) -> None:
    """Write a new token, unless there is a file."""
    try:
        path.parent.mkdir(0o700, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: no token can be kept there") from None
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(32) + "\n")


def token_of_worker() -> str:
    """The token of the file that TUNER_STORAGE_TOKEN_FILE names."""
    path = os.environ.get(TOKEN_FILE)
    if not path:
        raise StoreError(f"a store that is served needs its token: {TOKEN_FILE} names a file of it")
    return read_token(Path(path))
