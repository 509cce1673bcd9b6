"""Whose a trial is: the lease in the row of a running trial, and what may be done under it.

A lease is a system attribute of a running trial. Every transaction that writes the trial locks its
row and looks whether the lease is still there; a worker that was slow, paused or cut off can
therefore write nothing once its trial has gone to another.
"""

import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.errors import TunerError
from tuner.storage import keys, tables
from tuner.storage.tables import HEARTBEATS, SYSTEM_ATTRS, TRIALS, USER_ATTRS

ATTEMPTS = 3
"""How often the worker of a trial may die before the trial has failed."""


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


def new_lease(heartbeat: float) -> Lease:
    """The lease of a trial that this process is about to claim."""
    return Lease(this_worker(), uuid.uuid4().hex, heartbeat, pid_space())


def this_worker() -> str:
    """The name of this process among all workers: host and process id."""
    return worker_of(os.getpid())


def worker_of(pid: int) -> str:
    """The name of a process of this host among all workers."""
    return f"{socket.gethostname()}:{pid}"


def pid_space() -> str:
    """The space in which the process ids that this process sees are unique."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def clock(database: Connection | sqlalchemy.Engine) -> sqlalchemy.ColumnElement[datetime]:
    """What time the database has, in UTC and without a time zone, whatever that of a session is."""
    now: sqlalchemy.ColumnElement[datetime] = sqlalchemy.func.now()
    return now if database.dialect.name == "sqlite" else sqlalchemy.func.timezone("UTC", now)


def touch(connection: Connection, trial_id: int) -> None:
    """Give a sign of life."""
    now = clock(connection)
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
        SYSTEM_ATTRS.c.trial_id == trial_id, SYSTEM_ATTRS.c.key == keys.LEASE
    )
    text = connection.execute(found).scalar_one_or_none()
    return None if text is None else Lease(**json.loads(text))


def state_after(connection: Connection, trial_id: int, lease: Lease) -> TrialState | None:
    """The state of a trial whose last worker was that of a lease and has it no more; else None."""
    state = state_of(connection, trial_id)
    is_last = state != TrialState.RUNNING and lease_of(connection, trial_id) == lease
    return state if is_last else None


def is_held(connection: Connection, trial_id: int, lease: Lease) -> bool:
    """Whether a lease is still that of the running trial."""
    state = state_of(connection, trial_id)
    return state == TrialState.RUNNING and lease_of(connection, trial_id) == lease


def hold(connection: Connection, trial_id: int, lease: Lease) -> None:
    """Lock the trial of a lease; LostTrialError where it is another's."""
    if not is_held(connection, trial_id, lease):
        raise LostTrialError(f"the trial of {lease.worker} was taken by another worker")


def count_attempt(
    connection: Connection, trial_id: int, reason: str, *, is_own: bool = False
) -> bool:
    """Count an attempt that came to nothing; the last one fails the trial.

    Where the reason `is_own`, it lies in the trial: the same one twice in a row is enough.
    """
    found = sqlalchemy.select(USER_ATTRS.c.key, USER_ATTRS.c.value_json).where(
        USER_ATTRS.c.trial_id == trial_id, USER_ATTRS.c.key.in_((keys.ATTEMPTS, keys.MET))
    )
    known = {key: json.loads(text) for key, text in connection.execute(found)}
    n = int(known.get(keys.ATTEMPTS, 0)) + 1
    is_last = n >= ATTEMPTS or (is_own and known.get(keys.MET) == reason)
    attrs: dict[str, Any] = {keys.ATTEMPTS: n, keys.MET: reason if is_own else None}
    if is_last:
        attrs[keys.ERROR] = f"given up after {n} attempts: {reason}"
    tables.write_attrs(connection, trial_id, attrs)
    set_state(connection, trial_id, TrialState.FAIL if is_last else TrialState.WAITING)
    return not is_last
