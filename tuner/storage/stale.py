"""What becomes of the trials of workers that are gone."""

import json
import os
import socket
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
from tuner.storage.tables import HEARTBEATS, REPORTS, SYSTEM_ATTRS, TRIALS

_GRACE = 4
"""So many signs of life may be missing."""


@dataclass(frozen=True)
class Running:
    """A running trial as others see it; `age` in seconds since its last sign of life."""

    trial_id: int
    number: int
    lease: Lease | None
    age: float
    epoch: int | None

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


def running(database: Database, study_id: int) -> list[Running]:
    """The running trials of a study, their workers and their last signs of life."""
    columns = TRIALS.c
    epoch = sqlalchemy.select(sqlalchemy.func.max(REPORTS.c.step))
    found = (
        sqlalchemy.select(
            columns.trial_id,
            columns.number,
            columns.datetime_start,
            HEARTBEATS.c.heartbeat,
            SYSTEM_ATTRS.c.value_json,
            epoch.where(REPORTS.c.trial_id == columns.trial_id).scalar_subquery().label("epoch"),
            sqlalchemy.func.now().label("now"),
        )
        .outerjoin(HEARTBEATS, HEARTBEATS.c.trial_id == columns.trial_id)
        .outerjoin(
            SYSTEM_ATTRS,
            (SYSTEM_ATTRS.c.trial_id == columns.trial_id) & (SYSTEM_ATTRS.c.key == keys.LEASE),
        )
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
    return Running(record.trial_id, record.number, lease, age.total_seconds(), record.epoch)


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
