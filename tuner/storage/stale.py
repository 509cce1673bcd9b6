"""What becomes of the trials of workers that are gone."""

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.storage import keys
from tuner.storage.lease import (
    Lease,
    count_attempt,
    lease_of,
    pid_space,
    set_state,
    state_of,
)
from tuner.storage.rdb import Database
from tuner.storage.settings import HEARTBEAT
from tuner.storage.tables import HEARTBEATS, REPORTS, SYSTEM_ATTRS, TRIALS, write_attrs

_GRACE = 4
"""So many signs of life may be missing."""


@dataclass(frozen=True)
class Running:
    """A running trial as others see it.

    `age` is in seconds since its last sign of life, `idle` since its last epoch, or its beginning.
    """

    trial_id: int
    number: int
    lease: Lease | None
    age: float
    epoch: int | None
    idle: float = 0.0

    @property
    def is_stale(self) -> bool:
        """Whether its worker is gone: a process of this host, or silent for too long."""
        lease = self.lease or Lease("", "", HEARTBEAT)
        return self.age > _GRACE * lease.heartbeat or is_dead(lease)


def reap(database: Database, study_id: int, *, blame: bool = True) -> list[Running]:
    """Hand back the trials of workers that are gone, each by exactly one of those that look.

    After three attempts the trial has failed. Without `blame` an attempt is not counted.
    """
    stale = [trial for trial in running(database, study_id) if trial.is_stale]
    return [trial for trial in stale if database.run(partial(_bury, trial=trial, blame=blame))]


def take(
    database: Database, study_id: int, number: int, worker: str, end: Callable[..., object]
) -> bool:
    """Take the running trial `number` from a worker that ends, if it still has it.

    `end(connection, trial_id)` says what becomes of it, such as `fail` or `count_attempt`.
    """
    trials = [each for each in running(database, study_id) if each.number == number]
    held = [each for each in trials if each.lease is not None and each.lease.worker == worker]

    def hand_over(connection: Connection) -> bool:
        for trial in held:
            is_running = state_of(connection, trial.trial_id) == TrialState.RUNNING
            if is_running and lease_of(connection, trial.trial_id) == trial.lease:
                end(connection, trial.trial_id)
                return True
        return False

    return database.run(hand_over)


def fail(connection: Connection, trial_id: int, reason: str) -> None:
    """End a trial that is not to be tried again."""
    write_attrs(connection, trial_id, {keys.ERROR: reason})
    set_state(connection, trial_id, TrialState.FAIL)


def running(database: Database, study_id: int) -> list[Running]:
    """The running trials of a study, their workers and their last signs of life."""
    columns = TRIALS.c
    epoch = sqlalchemy.select(sqlalchemy.func.max(REPORTS.c.step))
    idle = SYSTEM_ATTRS.alias()
    found = (
        sqlalchemy.select(
            columns.trial_id,
            columns.number,
            columns.datetime_start,
            HEARTBEATS.c.heartbeat,
            SYSTEM_ATTRS.c.value_json,
            idle.c.value_json.label("idle"),
            epoch.where(REPORTS.c.trial_id == columns.trial_id).scalar_subquery().label("epoch"),
            sqlalchemy.func.now().label("now"),
        )
        .outerjoin(HEARTBEATS, HEARTBEATS.c.trial_id == columns.trial_id)
        .outerjoin(
            SYSTEM_ATTRS,
            (SYSTEM_ATTRS.c.trial_id == columns.trial_id) & (SYSTEM_ATTRS.c.key == keys.LEASE),
        )
        .outerjoin(idle, (idle.c.trial_id == columns.trial_id) & (idle.c.key == keys.IDLE))
        .where(columns.study_id == study_id, columns.state == TrialState.RUNNING)
        .order_by(columns.number)
    )
    records = database.run(lambda connection: connection.execute(found).all(), reads=True)
    return [_running(record) for record in records]


def is_dead(lease: Lease) -> bool:
    """Whether the worker of a lease was a process that this one would see, and is gone."""
    host, _, pid = lease.worker.rpartition(":")
    elsewhere = host != socket.gethostname() or lease.pids != pid_space()
    if elsewhere or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def _is_zombie(pid: int) -> bool:
    """Whether a process has ended and nobody has taken note, as in a container without an init."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] == "Z"


def _running(record: Any) -> Running:
    last = record.heartbeat or record.datetime_start or record.now
    age = record.now.replace(tzinfo=None) - last.replace(tzinfo=None)
    lease = None if record.value_json is None else Lease(**json.loads(record.value_json))
    seconds = age.total_seconds()
    idle = seconds + _idle(record, lease)
    return Running(record.trial_id, record.number, lease, seconds, record.epoch, idle)


def _idle(record: Any, lease: Lease | None) -> float:
    """Seconds without an epoch at the last sign of life; 0 where there was one since."""
    said = json.loads(record.idle or "{}")
    is_known = lease is not None and said.get("token") == lease.token
    return float(said["seconds"]) if is_known and (record.epoch or 0) <= said["step"] else 0.0


def _bury(connection: Connection, trial: Running, blame: bool) -> bool:
    state = state_of(connection, trial.trial_id)
    if state != TrialState.RUNNING or lease_of(connection, trial.trial_id) != trial.lease:
        return False
    if blame:
        worker = trial.lease.worker if trial.lease else "unknown"
        count_attempt(connection, trial.trial_id, f"its worker died ({worker})")
    else:
        set_state(connection, trial.trial_id, TrialState.WAITING)
    return True
