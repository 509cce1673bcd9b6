"""Optuna's storage, whose calls outlive a restart of the server and fail in a user's words."""

import contextlib
import functools
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from tuner.errors import StoreError
from tuner.storage import connections, db_errors, files, schema_version, trials
from tuner.storage.calls import READS, WRITES

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
        settings = files.engine_settings(url) if self._is_file else connections.SERVER
        try:
            self._begin(text, settings)
        except (StorageInternalError, SQLAlchemyError) as error:
            if connections.NO_OPTIONS not in str(db_errors.root(error)):
                raise
            self._begin(text, connections.WITHOUT_OPTIONS)
        self._lost = -math.inf
        self.n_retries = 0
        self.close = self.engine.dispose
        if self._is_file:
            connections.make_atomic(self.engine, is_writable=files.is_writable(url))
            self._file = files.identity(url)
        else:
            sqlalchemy.event.listen(self.engine, "checkout", connections.close_cursors)
            sqlalchemy.event.listen(self.engine, "handle_error", connections.leave)
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

    def _begin(self, text: str, settings: Mapping[str, Any]) -> None:
        """Optuna's own beginning; where it fails no connection is left open."""
        try:
            super().__init__(text, dict(settings), skip_table_creation=True)
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
                    with connections.reading() if reads else contextlib.nullcontext():
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
        if self._is_file and files.identity(self.place) != self._file:
            raise StoreError(
                f"{files.path_of(self.place)}: was deleted or replaced while it was in use; what"
                " was written since is lost"
            )


@contextlib.contextmanager
def again() -> Iterator[None]:
    """What is done in this block has been tried before, and may have come to something."""
    _LOCAL.again = True
    try:
        yield
    finally:
        _LOCAL.again = False
