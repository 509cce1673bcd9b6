"""Optuna's storage, whose calls outlive a restart of the server and fail in a user's words."""

import contextlib
import functools
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from tuner.errors import StoreError
from tuner.storage import db_errors, files, schema_version, trials

LOCKED = 60.0
"""Seconds that SQLite waits for another process that writes."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
READS = (
    "get_study_id_from_name",
    "get_study_name_from_id",
    "get_study_directions",
    "get_study_user_attrs",
    "get_study_system_attrs",
    "get_all_studies",
    "get_trial",
    "get_trial_param",
    "get_trial_user_attrs",
    "get_trial_system_attrs",
    "get_trial_id_from_study_id_trial_number",
    "_get_trials",
    "_get_best_trial_id",
    "_get_stale_trial_ids",
)
WRITES = (
    "delete_study",
    "set_study_user_attr",
    "set_study_system_attr",
    "_create_new_trial",
    "_set_trial_param",
    "set_trial_state_values",
    "set_trial_intermediate_value",
    "set_trial_user_attr",
    "set_trial_system_attr",
    "record_heartbeat",
)
_SERVER = {
    "pool_pre_ping": True,
    "pool_size": 1,
    "max_overflow": 3,
    "connect_args": {
        "connect_timeout": 5,
        "application_name": "tuner",
        "keepalives_idle": 30,
        "tcp_user_timeout": 20_000,
        "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000",
        "prepare_threshold": None,
    },
}
"""Statements are not prepared: behind a pooler each transaction may meet another connection."""

_NO_OPTIONS = "unsupported startup parameter"
"""What PgBouncer says to `options`, in English whatever the language of the server."""

_CHANCE = random.SystemRandom()
"""Has no state: what a model draws does not depend on how often the store was tried again."""

_LOCAL = threading.local()
LOGGER = logging.getLogger("tuner")
P = ParamSpec("P")
T = TypeVar("T")


class Database(RDBStorage):
    """Optuna's storage of a database URL, whose tables are there.

    A call that fails for a reason that passes is repeated for `patience` seconds; any other
    failure is a StoreError. On SQLite, transactions that write take the lock when they begin:
    Optuna relies on SELECT ... FOR UPDATE, which SQLite ignores, and two workers would run one
    trial.
    """

    def __init__(self, url: URL, patience: float) -> None:
        self.place = url
        self.patience = patience
        self._is_file = files.is_file(url)
        text = url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
        schema_version.look()
        settings: dict[str, Any] = files.engine_settings(url) if self._is_file else dict(_SERVER)
        try:
            self._begin(text, settings)
        except (StorageInternalError, SQLAlchemyError) as error:
            if _NO_OPTIONS not in str(db_errors.root(error)):
                raise
            settings["connect_args"] = {**settings["connect_args"], "options": ""}
            self._begin(text, settings)
        self._lost = -math.inf
        self.n_retries = 0
        if self._is_file:
            _make_atomic(self.engine, is_writable=files.is_writable(url))
            self._file = _identity(url)
        else:
            sqlalchemy.event.listen(self.engine, "handle_error", _leave)
            sqlalchemy.event.listen(self.engine, "invalidate", self.note_loss)
        for name in READS:
            setattr(self, name, self._guarded(getattr(self, name), reads=True))
        for name in WRITES:
            setattr(self, name, self._guarded(getattr(self, name), reads=False))

    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
        *,
        lazily: bool = False,
    ) -> list[FrozenTrial]:
        """What Optuna's own gives, whose objects of a large study fill a machine.

        Histories that are read `lazily` are parsed once somebody looks into them.
        """
        asked = trials.after(study_id, trial_id_greater_than, included_trial_ids)
        with self.engine.begin() as connection:
            found = trials.trials_where(connection, asked, lazily=lazily)
        if not found:
            self.get_study_name_from_id(study_id)  # KeyError where it was deleted
        return found if states is None else [each for each in found if each.state in states]

    def _begin(self, text: str, settings: dict[str, Any]) -> None:
        """Optuna's own beginning; where it fails no connection is left open."""
        try:
            super().__init__(text, settings, skip_table_creation=True)
        except Exception:
            if hasattr(self, "engine"):
                self.engine.dispose()
            raise

    def run(
        self,
        action: Callable[[Connection], T],
        *,
        reads: bool = False,
        earlier: Callable[[Connection], T | None] = lambda connection: None,
    ) -> T:
        """Do `action` in one transaction, again where the database went away meanwhile.

        `earlier` gives what a try has done whose answer was lost, or None if nothing came of it.
        """
        is_first = not getattr(_LOCAL, "again", False)

        def transaction() -> T:
            nonlocal is_first
            is_again, is_first = not is_first, False
            with self.engine.begin() as connection:
                done = earlier(connection) if is_again else None
                return action(connection) if done is None else done

        return self._guarded(transaction, reads=reads)()

    def do(
        self, operation: "Callable[Concatenate[Database, P], T]", *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do what is done to a store; where a store is served, it is asked for by its name."""
        return operation(self, *args, **kwargs)

    def ask(
        self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What is read in one transaction; where a store is served, it is asked for by its name."""
        return self.run(lambda connection: question(connection, *args, **kwargs), reads=True)

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        """Make a study; where an answer was lost and the name is taken, it was this process."""
        before = self._lost
        try:
            return self._guarded(super().create_new_study, reads=False)(directions, study_name)
        except DuplicatedStudyError:
            is_again = getattr(_LOCAL, "again", False) or self._lost != before
            if study_name is None or not is_again:
                raise
            return self.get_study_id_from_name(study_name)

    @property
    def steady(self) -> float:
        """Seconds since this process last lost its connection."""
        return time.monotonic() - self._lost

    def note_loss(self, *_: object) -> None:
        """Workers could give no sign of life until now."""
        self._lost = time.monotonic()

    def _guarded(self, call: Callable[..., T], *, reads: bool) -> Callable[..., T]:
        @functools.wraps(call)
        def guarded(*args: Any, **kwargs: Any) -> T:
            wait, began = 0.1, time.monotonic()
            while True:
                try:
                    self._check_file()
                    with reading() if reads else contextlib.nullcontext():
                        return call(*args, **kwargs)
                except IntegrityError:
                    raise
                except (StorageInternalError, SQLAlchemyError) as error:
                    passed = time.monotonic() - began
                    words = db_errors.explain(error, self.place, passed)
                    self.note_loss()
                    if passed > self.patience or not db_errors.is_passing(error, self.place):
                        raise StoreError(words) from error
                    if wait == 0.1:
                        LOGGER.warning("%s; trying again for %.0f s", words, self.patience)
                self.n_retries += 1
                time.sleep(wait * _CHANCE.uniform(0.5, 1))
                wait = min(5.0, 2 * wait)

        return guarded

    def _check_file(self) -> None:
        """A file that was deleted or replaced would take what is written with it."""
        if self._is_file and _identity(self.place) != self._file:
            raise StoreError(
                f"{files.path_of(self.place)}: was deleted or replaced while it was in use; what"
                " was written since is lost"
            )


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Transactions that begin here read only."""
    before = getattr(_LOCAL, "reading", False)
    _LOCAL.reading = True
    try:
        yield
    finally:
        _LOCAL.reading = before


@contextlib.contextmanager
def again() -> Iterator[None]:
    """What is done in this block has been tried before, and may have come to something."""
    _LOCAL.again = True
    try:
        yield
    finally:
        _LOCAL.again = False


def _leave(context: ExceptionContext) -> None:
    """Another connection, which may lead to the first server, is better than one to a standby.

    SQLAlchemy leaves the cursors of lost connections open.
    """
    if getattr(context.original_exception, "sqlstate", None) == db_errors.STANDBY:
        context.is_disconnect = True
    cursor = getattr(context.execution_context, "cursor", None)
    if context.is_disconnect and cursor is not None:
        with contextlib.suppress(Exception):
            cursor.close()


def _make_atomic(engine: sqlalchemy.Engine, *, is_writable: bool) -> None:
    pragmas = (f"busy_timeout={LOCKED * 1000:.0f}", *(_PRAGMAS if is_writable else ()))

    def connect(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = None

    def begin(connection: Any) -> None:
        deferred = getattr(_LOCAL, "reading", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    sqlalchemy.event.listen(engine, "connect", connect)
    sqlalchemy.event.listen(engine, "begin", begin)
    engine.dispose()


def _identity(url: URL) -> tuple[int, int] | None:
    try:
        found = files.path_of(url).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
