"""The running trials of a study, and whether the workers of them are gone."""

import json
import math
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
from optuna.trial import TrialState

from tuner.storage import keys
from tuner.storage.lease import Lease, clock, pid_space
from tuner.storage.rdb import Database
from tuner.storage.settings import HEARTBEAT
from tuner.storage.tables import HEARTBEATS, REPORTS, SYSTEM_ATTRS, TRIALS

_GRACE = 4
"""So many signs of life may be missing."""


@dataclass(frozen=True)
class Running:
    """A running trial as others see it.

    `age` is in seconds since its last sign of life, `idle` since its last epoch, or its beginning;
    `calm` since the database began to answer: who could not reach it may have been silent before.
    """

    trial_id: int
    number: int
    lease: Lease | None
    age: float
    epoch: int | None
    idle: float = 0.0
    calm: float = math.inf

    @property
    def is_stale(self) -> bool:
        """Whether its worker is gone: a process of this host, or silent for too long."""
        return self.is_silent or (self.lease is not None and is_dead(self.lease))

    @property
    def is_silent(self) -> bool:
        """Whether its worker has been silent for too long."""
        heartbeat = self.lease.heartbeat if self.lease else HEARTBEAT
        return min(self.age, self.calm) > _GRACE * heartbeat


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
            clock(database.engine).label("now"),
            _start(database).label("start"),
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
    return [_running(record, database.steady) for record in records]


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


def _start(database: Database) -> sqlalchemy.ColumnElement[Any]:
    """When the server began to answer; NULL for a file."""
    if database.engine.dialect.name == "sqlite":
        return sqlalchemy.null()
    return sqlalchemy.func.timezone("UTC", sqlalchemy.func.pg_postmaster_start_time())


def _running(record: Any, steady: float) -> Running:
    last = record.heartbeat or record.datetime_start or record.now
    seconds = (record.now - last).total_seconds()
    calm = math.inf if record.start is None else (record.now - record.start).total_seconds()
    lease = None if record.value_json is None else Lease(**json.loads(record.value_json))
    idle = seconds + _idle(record, lease)
    given = (record.trial_id, record.number, lease, seconds, record.epoch, idle)
    return Running(*given, min(calm, steady))


def _idle(record: Any, lease: Lease | None) -> float:
    """Seconds without an epoch at the last sign of life; 0 where there was one since."""
    said = json.loads(record.idle or "{}")
    is_known = lease is not None and said.get("token") == lease.token
    return float(said["seconds"]) if is_known and (record.epoch or 0) <= said["step"] else 0.0
