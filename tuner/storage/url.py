"""The URL of a store: checked, with its password, or without it for people to read."""

import os
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from tuner.errors import StoreError

PASSWORD_FILE = "TUNER_STORAGE_PASSWORD_FILE"  # noqa: S105 (names the file that holds one)
_POSTGRES = "postgresql+psycopg"


def masked(url: str | URL) -> str:
    """The URL without its password."""
    parsed = parse(url)
    secret = {name: "***" for name in parsed.query if "password" in name.lower()}
    return parsed.update_query_dict(secret).render_as_string(hide_password=True)


def parse(url: str | URL) -> URL:
    """A database URL, its driver and password filled in; StoreError where it is none."""
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StoreError(
            "the store's URL is not a database URL (e.g. sqlite:///studies/tuner.db)"
        ) from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername=_POSTGRES)
    file = os.environ.get(PASSWORD_FILE)
    if file and parsed.password is None and parsed.drivername == _POSTGRES:
        parsed = parsed.set(password=_password(Path(file)))
    return parsed


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise StoreError(f"{PASSWORD_FILE}: {file}: {error.strerror}") from None
