"""Who may look at the dashboard: who has the password, or the token that its start has printed."""

import hmac
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path

from werkzeug.datastructures import Authorization
from werkzeug.security import check_password_hash

from tuner.errors import UsageError

PASSWORD = "TUNER_PASSWORD"  # noqa: S105 (names the variable that holds one)
_HASH = re.compile(r"(scrypt|pbkdf2)(:\w+)*\$[^$]+\$[0-9a-f]+")
_MOST_ADDRESSES = 10_000


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


class Token:
    """A word that only who was told it knows: in the address first, in a cookie from then on.

    Whoever has logged in gets the cookie too, and is no longer asked.
    """

    def __init__(self) -> None:
        self.word = secrets.token_urlsafe(24)

    def admits(self, given: str | None) -> bool:
        """Whether this is the word."""
        return given is not None and hmac.compare_digest(given.encode(), self.word.encode())


class Brake:
    """Lets an address try so many wrong passwords at once, and so many a second from then on."""

    def __init__(
        self, burst: int = 10, a_second: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._rate, self._clock = burst, a_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def is_on(self, address: str) -> bool:
        """Whether an address has to wait before its next try is looked at."""
        return self._tries(address) < 1

    def count(self, address: str) -> None:
        """Note a wrong password."""
        tries = self._tries(address) - 1
        self._left.pop(address, None)
        self._left[address] = (tries, self._clock())
        while len(self._left) > _MOST_ADDRESSES:
            del self._left[next(iter(self._left))]

    def _tries(self, address: str) -> float:
        tries, at = self._left.get(address, (float(self._burst), 0.0))
        return min(self._burst, tries + self._rate * (self._clock() - at))


def read_login(user: str, file: Path | None) -> Login | None:
    """The login whose password is in `file`, or in TUNER_PASSWORD; None where there is neither.

    Raises UsageError where the file cannot be read, is empty, or is there for all to read.
    """
    if file is None:
        password = os.environ.get(PASSWORD, "")
        return Login(user, password) if password else None
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the password file {file} cannot be read: {error}") from None
    if not password:
        raise UsageError(f"the password file {file} is empty")
    if mode & stat.S_IROTH:
        raise UsageError(f"the password file {file} can be read by everybody: chmod o-rwx {file}")
    return Login(user, password)
