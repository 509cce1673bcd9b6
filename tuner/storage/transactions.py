"""What a worker does to its trial, each in one transaction: claim, beat, write, finish, release."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import Connection

from tuner.storage import keys, tables
from tuner.storage.lease import (
    Lease,
    count_attempt,
    hold,
    is_held,
    set_state,
    state_after,
    touch,
)
from tuner.storage.rdb import Database
from tuner.storage.tables import REPORTS, RUNG, SYSTEM_ATTRS, TRIALS, VALUES, TrialRecord
from tuner.storage.trials import begun


def claim(
    database: Database, study_id: int, lease: Lease, preferred: Sequence[int] = ()
) -> FrozenTrial | None:
    """Take a waiting trial, of `preferred` ids if one waits, else the first; None if none does.

    What an earlier attempt reported is forgotten, its params and attributes stay.
    """

    def take(connection: Connection) -> FrozenTrial | None:
        for ids in (list(preferred), None) if preferred else (None,):
            trial_id = _take(connection, study_id, ids)
            if trial_id is not None:
                _begin(connection, trial_id, lease)
                return begun(connection, trial_id)
        return None

    def taken(connection: Connection) -> FrozenTrial | None:
        trial_id = _held(connection, lease)
        return None if trial_id is None else begun(connection, trial_id)

    return database.run(take, earlier=taken)


def beat(database: Database, trial_id: int, lease: Lease, idle: float = 0.0, step: int = 0) -> bool:
    """Give a sign of life, `idle` seconds after an epoch; whether the trial is still this worker's.

    `step` is the last that it has reported.
    """
    progress = {"token": lease.token, "seconds": round(idle, 1), "step": step}

    def live(connection: Connection) -> bool:
        if not is_held(connection, trial_id, lease):
            return False
        touch(connection, trial_id)
        tables.write(connection, trial_id, TrialRecord(system_attrs={keys.IDLE: progress}))
        return True

    return database.run(live)


def write(database: Database, trial_id: int, lease: Lease, kept: TrialRecord) -> None:
    """Write what a running trial has to keep; LostTrialError where it is another's."""

    def put(connection: Connection) -> None:
        hold(connection, trial_id, lease)
        tables.write(connection, trial_id, kept)

    database.run(put)


def finish(
    database: Database,
    trial_id: int,
    lease: Lease,
    kept: TrialRecord,
    state: TrialState,
    values: Sequence[float] | None,
) -> None:
    """Write what is left of a trial and how it ended, in one transaction."""

    def end(connection: Connection) -> bool:
        hold(connection, trial_id, lease)
        tables.write(connection, trial_id, kept)
        tables.write_values(connection, trial_id, values or ())
        set_state(connection, trial_id, state)
        return True

    def is_told(connection: Connection) -> bool | None:
        is_ours = state_after(connection, trial_id, lease) == state
        return True if is_ours and _values(connection, trial_id) == list(values or ()) else None

    database.run(end, earlier=is_told)


def release(database: Database, trial_id: int, lease: Lease, kept: TrialRecord) -> None:
    """Hand a running trial back to the queue, with its number, params and reports."""

    def give(connection: Connection) -> bool:
        hold(connection, trial_id, lease)
        tables.write(connection, trial_id, kept)
        set_state(connection, trial_id, TrialState.WAITING)
        return True

    def is_given(connection: Connection) -> bool | None:
        return state_after(connection, trial_id, lease) == TrialState.WAITING or None

    database.run(give, earlier=is_given)


def retry(
    database: Database, trial_id: int, lease: Lease, reason: str, *, is_own: bool = False
) -> bool:
    """Hand back a trial that met something that may pass; whether it has an attempt left.

    It may not pass where the reason `is_own`: the same twice is enough.
    """

    def give(connection: Connection) -> bool:
        hold(connection, trial_id, lease)
        return count_attempt(connection, trial_id, reason, is_own=is_own)

    def is_left(connection: Connection) -> bool | None:
        state = state_after(connection, trial_id, lease)
        return None if state is None else state == TrialState.WAITING

    return database.run(give, earlier=is_left)


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
    rung = SYSTEM_ATTRS.c.key.startswith(RUNG)
    connection.execute(SYSTEM_ATTRS.delete().where(SYSTEM_ATTRS.c.trial_id == trial_id, rung))
    attrs = {"user_attrs": {keys.WORKER: lease.worker}, "system_attrs": {keys.LEASE: asdict(lease)}}
    tables.write(connection, trial_id, TrialRecord(**attrs))  # type: ignore[arg-type]
    set_state(connection, trial_id, TrialState.RUNNING)
    touch(connection, trial_id)


def _values(connection: Connection, trial_id: int) -> list[float]:
    found = sqlalchemy.select(VALUES.c.value).where(VALUES.c.trial_id == trial_id)
    return list(connection.execute(found).scalars())


def _held(connection: Connection, lease: Lease) -> int | None:
    """The trial of a lease whose claim may or may not have reached the store."""
    found: int | None = connection.execute(
        sqlalchemy.select(SYSTEM_ATTRS.c.trial_id)
        .join(TRIALS, TRIALS.c.trial_id == SYSTEM_ATTRS.c.trial_id)
        .where(TRIALS.c.state == TrialState.RUNNING)
        .where(SYSTEM_ATTRS.c.key == keys.LEASE, SYSTEM_ATTRS.c.value_json == lease.text)
    ).scalar_one_or_none()
    return found
