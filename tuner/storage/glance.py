"""A look at a store that loads neither Optuna nor, where it is a file, SQLAlchemy."""

import contextlib
import hashlib
import importlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from tuner import __version__

T = TypeVar("T")
Ask = Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]
"""SQL with :names and their values -> rows."""

_FILE = "sqlite:///"
_SECONDS = 1.0
"""That another process may keep the file locked."""

_NAMES = "SELECT study_name, study_id FROM studies"
_OF = "WHERE s.study_name = :study OR substr(s.study_name, 1, :n) = :compared"
_STATES = f"""
SELECT s.study_name, s.study_id, t.state, count(t.trial_id), max(t.datetime_complete)
FROM studies s LEFT JOIN trials t ON t.study_id = s.study_id {_OF}
GROUP BY s.study_name, s.study_id, t.state ORDER BY s.study_name, t.state
"""  # noqa: S608
_ATTRS = f"""
SELECT s.study_name, a.key, a.value_json
FROM study_user_attributes a JOIN studies s ON s.study_id = a.study_id {_OF}
ORDER BY s.study_name, a.key
"""  # noqa: S608
_WAITING = f"""
SELECT count(*), sum(length(a.value_json))
FROM trial_user_attributes a JOIN trials t ON t.trial_id = a.trial_id
JOIN studies s ON s.study_id = t.study_id {_OF.replace("WHERE ", "WHERE (")})
AND t.state = 'WAITING'
"""  # noqa: S608
_FORGET = "DELETE FROM study_system_attributes WHERE study_id = :study_id AND key = :key"
_KEEP = """
INSERT INTO study_system_attributes (study_id, key, value_json)
SELECT study_id, :key, :text FROM studies WHERE study_id = :study_id
"""
_KEPT = """
SELECT a.key, a.value_json FROM study_system_attributes a JOIN studies s
ON s.study_id = a.study_id WHERE s.study_name = :study AND substr(a.key, 1, 6) = 'tuner:'
"""


@dataclass(frozen=True)
class Rest:
    """A study that rests: none of its trials runs, and none of its comparisons.

    The `stamp` is another one as soon as anything changes of what is said of the study, by another
    version too, or on a machine with other cores. So many trials of its own are `finished`, and
    `waiting`; the last one `ended`, and of its comparisons too the last one ended `at_last`. `kept`
    is what the store keeps of it for us, by keys.
    """

    study_id: int
    stamp: str
    finished: int
    waiting: int
    ended: datetime | None
    at_last: datetime | None
    kept: Mapping[str, Any]


def at_rest(study: str, url: str) -> Rest | None:
    """A study of a store, if it is there and rests."""
    return glanced(url, lambda ask: _at_rest(ask, study))


def keep(url: str, study_id: int, key: str, value: Any) -> None:
    """Have a store keep a document of a study, in the place of an earlier one, if it can now."""
    row = {"study_id": study_id, "key": key}
    glanced(url, lambda ask: [ask(_FORGET, row), ask(_KEEP, row | {"text": json.dumps(value)})])


def kept(url: str, study: str) -> Mapping[str, Any]:
    """What the store keeps of a study for us, by keys, be it as it was then or not."""
    return glanced(url, lambda ask: _kept(ask, study)) or {}


def latest(url: str) -> str | None:
    """The name of the study that was made last, and is no comparison."""
    rows = glanced(url, lambda ask: ask(_NAMES, {})) or []
    own = [(number, name) for name, number in rows if "/" not in name]
    return max(own)[1] if own else None


def names(url: str) -> list[str]:
    """The studies of a store, comparisons too."""
    return [name for name, _ in glanced(url, lambda ask: ask(_NAMES, {})) or []]


def _at_rest(ask: Ask, study: str) -> Rest | None:
    compared = f"{study}/compare"
    named = {"study": study, "n": len(compared), "compared": compared}
    states = ask(_STATES, named)
    own = {state: (n, when) for name, _, state, n, when in states if name == study}
    if not own or any(row[2] == "RUNNING" for row in states):
        return None
    said = [__version__, _machine(), states, ask(_ATTRS, named), ask(_WAITING, named)]
    return Rest(
        study_id=next(row[1] for row in states if row[0] == study),
        stamp=hashlib.sha256(repr(said).encode()).hexdigest(),
        finished=sum(own[state][0] for state in ("COMPLETE", "PRUNED") if state in own),
        waiting=own.get("WAITING", (0, None))[0],
        ended=_last(when for _, when in own.values()),
        at_last=_last(row[4] for row in states),
        kept=_kept(ask, study),
    )


def _kept(ask: Ask, study: str) -> dict[str, Any]:
    return {key: json.loads(text) for key, text in ask(_KEPT, {"study": study})}


def glanced(url: str, look: Callable[[Ask], T]) -> T | None:
    """What `look` finds in a store, in one transaction.

    None where the store cannot be asked so: whoever opens it as usual says why.
    """
    if is_file(url):
        try:
            with _opened(url) as ask:
                return look(ask)
        except (sqlite3.Error, ValueError):
            return None
    if not can_keep(url):
        return None
    found: T | None = importlib.import_module("tuner.storage.glance_server").glanced(url, look)
    return found


def can_keep(url: str) -> bool:
    """Whether a store keeps documents for us: one that is served by another process does not."""
    return is_file(url) or url.startswith("postgres")


def is_file(url: str) -> bool:
    """Whether a URL plainly names a file of SQLite: it has no options, and no password."""
    return url.startswith(_FILE) and "?" not in url


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Ask]:
    path = quote(url.removeprefix(_FILE))
    # mode=ro would leave the files of the log behind, where this is the last to close it
    connection = sqlite3.connect(f"file:{path}?mode=rw", _SECONDS, uri=True, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN")
        yield lambda sql, values: connection.execute(sql, values).fetchall()
        connection.execute("COMMIT")


def _last(moments: Iterator[Any]) -> datetime | None:
    """SQLite has them as text."""
    found = [
        datetime.fromisoformat(when) if isinstance(when, str) else when
        for when in moments
        if when is not None
    ]
    return max(found, default=None)


def _machine() -> tuple[Any, ...]:
    """What an answer counts as cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return os.uname().nodename, cores, os.environ.get("LOKY_MAX_CPU_COUNT")
