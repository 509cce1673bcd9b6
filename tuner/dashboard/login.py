"""Who may look at the dashboard: one user, whose password or its hash is kept in a file."""

import hmac
import os
import re
import secrets
from pathlib import Path

from werkzeug.datastructures import Authorization
from werkzeug.security import check_password_hash

from tuner.errors import UsageError

PASSWORD = "TUNER_PASSWORD"  # noqa: S105 (names the variable that holds one)
_HASH = re.compile(r"(scrypt|pbkdf2)(:\w+)*\$[^$]+\$[0-9a-f]+")


class Login:
    """A user name, and a password or its hash as `tuner dashboard --hash-password` prints it."""

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self._password = password
        self._is_hash = _HASH.fullmatch(password) is not None
        self._key = secrets.token_bytes(32)
        self._admitted = b""

    def admits(self, given: Authorization | None) -> bool:
        """Whether the credentials of a request are right, in a time that does not tell why not."""
        if given is None or given.type != "basic":
            return False
        is_user = hmac.compare_digest((given.username or "").encode(), self.user.encode())
        return self._is_password(given.password or "") and is_user

    def _is_password(self, given: str) -> bool:
        if not self._is_hash:
            return hmac.compare_digest(given.encode(), self._password.encode())
        # A hash is slow to check on purpose: what has passed is known again by another, keyed one.
        seen = hmac.digest(self._key, given.encode(), "sha256")
        if hmac.compare_digest(seen, self._admitted):
            return True
        if not check_password_hash(self._password, given):
            return False
        self._admitted = seen
        return True


def read_login(user: str, file: Path | None) -> Login | None:
    """The login whose password is in `file`, or in TUNER_PASSWORD; None where there is neither.

    Raises UsageError where the file cannot be read or is empty.
    """
    if file is None:
        password = os.environ.get(PASSWORD, "")
        return Login(user, password) if password else None
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the password file {file} cannot be read: {error}") from None
    if not password:
        raise UsageError(f"the password file {file} is empty")
    return Login(user, password)
