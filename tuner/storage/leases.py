"""Who may write a trial: claims, signs of life, and what becomes of the trials of the dead.

A lease is a system attribute of a running trial. Every transaction that writes the trial locks its
row and looks whether the lease is still there; a worker that was slow, paused or cut off can
therefore write nothing once its trial has gone to another.
"""

import json
import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.errors import TunerError
from tuner.storage import rows
from tuner.storage.database import Database
from tuner.storage.rows import HEARTBEATS, REPORTS, SYSTEM_ATTRS, TRIALS, USER_ATTRS, VALUES, Rows

ATTEMPTS = 3
"""How often the worker of a trial may die before the trial has failed."""

HEARTBEAT = 15.0
"""Seconds between two signs of life."""

KEY = "tuner:lease"


class LostTrialError(TunerError):
    """The trial was taken from this worker, or deleted: whatever it writes is not kept."""


@dataclass(frozen=True)
class Lease:
    """The right of one worker to write one trial.

    `pids` names the space that its process id is of: containers may share a host's name, not its
    processes.
    """

    worker: str
    token: str
    heartbeat: float
    pids: str = ""

    @property
    def text(self) -> str:
        """As it is in the store."""
        return json.dumps(asdict(self))


def this_worker() -> str:
    """The name of this process among all workers: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def pid_space() -> str:
    """The space in which the process ids that this process sees are unique."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def claim(
    database: Database, study_id: int, heartbeat: float, preferred: Sequence[int] = ()
) -> tuple[int, Lease] | None:
    """Take a waiting trial, of `preferred` ids if one waits, else the first; None if none does.

    What an earlier attempt reported is forgotten, its params and attributes stay.
    """
    lease = Lease(this_worker(), uuid.uuid4().hex, heartbeat, pid_space())
    again = False

    def take(connection: Connection) -> int | None:
        nonlocal again
        if again and (known := _held(connection, lease)) is not None:
            return known
        again = True
        for ids in (list(preferred), None) if preferred else (None,):
            trial_id = _take(connection, study_id, ids)
            if trial_id is not None:
                _begin(connection, trial_id, lease)
                return trial_id
        return None

    found = database.run(take)
    return None if found is None else (found, lease)


def beat(database: Database, trial_id: int, lease: Lease) -> bool:
    """Give a sign of life; whether the trial is still this worker's."""

    def live(connection: Connection) -> bool:
        if not _is_held(connection, trial_id, lease):
            return False
        _touch(connection, trial_id)
        return True

    return database.run(live)


def write(database: Database, trial_id: int, lease: Lease, kept: Rows) -> None:
    """Write what a running trial has to keep; LostTrialError where it is another's."""

    def put(connection: Connection) -> None:
        _hold(connection, trial_id, lease)
        rows.write(connection, trial_id, kept)

    database.run(put)


def finish(
    database: Database,
    trial_id: int,
    lease: Lease,
    kept: Rows,
    state: TrialState,
    values: Sequence[float] | None,
) -> None:
    """Write what is left of a trial and how it ended, in one transaction."""

    def end(connection: Connection) -> None:
        if _is_told(connection, trial_id, lease, state, values):
            return
        _hold(connection, trial_id, lease)
        rows.write(connection, trial_id, kept)
        represent = models.TrialValueModel.value_to_stored_repr
        for objective, (value, kind) in enumerate(map(represent, values or ())):
            record = {"objective": objective, "value": value, "value_type": kind}
            connection.execute(VALUES.insert().values(trial_id=trial_id, **record))
        set_state(connection, trial_id, state)

    database.run(end)


def release(database: Database, trial_id: int, lease: Lease, kept: Rows) -> None:
    """Hand a running trial back to the queue, with its number, params and reports."""

    def give(connection: Connection) -> None:
        _hold(connection, trial_id, lease)
        rows.write(connection, trial_id, kept)
        set_state(connection, trial_id, TrialState.WAITING)

    database.run(give)


def retry(database: Database, trial_id: int, lease: Lease, reason: str) -> bool:
    """Hand back a trial that met something that may pass; whether it has an attempt left."""

    def give(connection: Connection) -> bool:
        _hold(connection, trial_id, lease)
        return count_attempt(connection, trial_id, reason)

    return database.run(give)


def _take(connection: Connection, study_id: int, ids: list[int] | None) -> int | None:
    columns = TRIALS.c
    waiting = (columns.study_id == study_id) & (columns.state == TrialState.WAITING)
    if ids is not None:
        waiting &= columns.trial_id.in_(ids)
    first = (
        sqlalchemy.select(columns.trial_id)
        .where(waiting)
        .order_by(columns.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: int | None = connection.execute(first).scalar_one_or_none()
    return found


def _begin(connection: Connection, trial_id: int, lease: Lease) -> None:
    """Run a trial from its beginning: rungs it had reached would be skipped."""
    connection.execute(REPORTS.delete().where(REPORTS.c.trial_id == trial_id))
    rung = SYSTEM_ATTRS.c.key.like("completed_rung_%")
    connection.execute(SYSTEM_ATTRS.delete().where(SYSTEM_ATTRS.c.trial_id == trial_id, rung))
    attrs = {"user_attrs": {"worker": lease.worker}, "system_attrs": {KEY: asdict(lease)}}
    rows.write(connection, trial_id, Rows(**attrs))  # type: ignore[arg-type]
    set_state(connection, trial_id, TrialState.RUNNING)
    _touch(connection, trial_id)


def _touch(connection: Connection, trial_id: int) -> None:
    now = sqlalchemy.func.now()
    beaten = HEARTBEATS.update().where(HEARTBEATS.c.trial_id == trial_id).values(heartbeat=now)
    if not connection.execute(beaten).rowcount:
        connection.execute(HEARTBEATS.insert().values(trial_id=trial_id, heartbeat=now))


def set_state(connection: Connection, trial_id: int, state: TrialState) -> None:
    """Change the state of a trial, and its times with it."""
    values: dict[str, Any] = {"state": state}
    now = datetime.now(UTC).replace(tzinfo=None)
    if state == TrialState.RUNNING:
        values["datetime_start"] = now
    if state.is_finished():
        values["datetime_complete"] = now
    connection.execute(TRIALS.update().where(TRIALS.c.trial_id == trial_id).values(**values))


def state_of(connection: Connection, trial_id: int) -> TrialState | None:
    """The state of a trial, whose row is locked from here on."""
    state = sqlalchemy.select(TRIALS.c.state).where(TRIALS.c.trial_id == trial_id)
    found: TrialState | None = connection.execute(state.with_for_update()).scalar_one_or_none()
    return found


def lease_of(connection: Connection, trial_id: int) -> Lease | None:
    """The lease of a trial, be it running or not."""
    found = sqlalchemy.select(SYSTEM_ATTRS.c.value_json).where(
        SYSTEM_ATTRS.c.trial_id == trial_id, SYSTEM_ATTRS.c.key == KEY
    )
    text = connection.execute(found).scalar_one_or_none()
    return None if text is None else Lease(**json.loads(text))


def _is_held(connection: Connection, trial_id: int, lease: Lease) -> bool:
    state = state_of(connection, trial_id)
    return state == TrialState.RUNNING and lease_of(connection, trial_id) == lease


def _hold(connection: Connection, trial_id: int, lease: Lease) -> None:
    if not _is_held(connection, trial_id, lease):
        raise LostTrialError(f"the trial of {lease.worker} was taken by another worker")


def _is_told(
    connection: Connection,
    trial_id: int,
    lease: Lease,
    state: TrialState,
    values: Sequence[float] | None,
) -> bool:
    """Whether the store has this end already: the answer to an earlier try was lost."""
    if state_of(connection, trial_id) != state or lease_of(connection, trial_id) != lease:
        return False
    found = sqlalchemy.select(VALUES.c.value).where(VALUES.c.trial_id == trial_id)
    return list(connection.execute(found).scalars()) == list(values or ())


def _held(connection: Connection, lease: Lease) -> int | None:
    """The trial of a lease whose claim may or may not have reached the store."""
    found: int | None = connection.execute(
        sqlalchemy.select(SYSTEM_ATTRS.c.trial_id)
        .join(TRIALS, TRIALS.c.trial_id == SYSTEM_ATTRS.c.trial_id)
        .where(TRIALS.c.state == TrialState.RUNNING)
        .where(SYSTEM_ATTRS.c.key == KEY, SYSTEM_ATTRS.c.value_json == lease.text)
    ).scalar_one_or_none()
    return found


def count_attempt(connection: Connection, trial_id: int, reason: str) -> bool:
    """Count an attempt that came to nothing; the last one fails the trial."""
    found = sqlalchemy.select(USER_ATTRS.c.value_json).where(
        USER_ATTRS.c.trial_id == trial_id, USER_ATTRS.c.key == "attempts"
    )
    n = int(connection.execute(found).scalar_one_or_none() or 0) + 1
    attrs: dict[str, Any] = {"attempts": n}
    if n >= ATTEMPTS:
        attrs["error"] = f"given up after {n} attempts: {reason}"
    rows.write_attrs(connection, trial_id, attrs)
    set_state(connection, trial_id, TrialState.FAIL if n >= ATTEMPTS else TrialState.WAITING)
    return n < ATTEMPTS
