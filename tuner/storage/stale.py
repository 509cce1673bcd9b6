"""What becomes of the trials of workers that are gone."""

from collections.abc import Collection
from typing import Literal

from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.storage import keys
from tuner.storage.lease import Lease, count_attempt, lease_of, set_state, state_after, state_of
from tuner.storage.rdb import Database
from tuner.storage.running import Running, running
from tuner.storage.tables import write_attrs

End = Literal["fail", "count", "release"]


def reap(
    database: Database, study_id: int, *, blame: bool = True, spare: Collection[str] = ()
) -> list[Running]:
    """Hand back the trials of workers that are gone, each by exactly one of those that look.

    After three attempts the trial has failed. Without `blame` an attempt is not counted, nor where
    the worker fell silent in an outage of the database. Workers to `spare` are those of whom the
    caller will hear how they ended.
    """
    stale = [
        trial
        for trial in database.do(running, study_id)
        if trial.is_silent
        or (trial.is_stale and not (trial.lease is not None and trial.lease.worker in spare))
    ]
    return [trial for trial in stale if _was_buried(database, trial, blame=blame)]


def take(
    database: Database,
    study_id: int,
    number: int,
    worker: str,
    end: End,
    reason: str = "",
    *,
    is_own: bool = False,
) -> bool:
    """Take the running trial `number` from a worker that ends, if it still has it.

    What becomes of it is as for `settle`.
    """
    trials = [each for each in database.do(running, study_id) if each.number == number]
    held = [each for each in trials if each.lease is not None and each.lease.worker == worker]
    given = (end, reason)
    return any(
        database.do(settle, each.trial_id, each.lease, *given, is_own=is_own) for each in held
    )


def settle(
    database: Database,
    trial_id: int,
    lease: Lease | None,
    end: End,
    reason: str = "",
    *,
    is_own: bool = False,
) -> bool:
    """End what the worker of a lease has still; whether it was this call that did.

    A trial fails, or an attempt of it is counted, for a reason; or it goes back to the queue.
    """

    def hand_over(connection: Connection) -> bool:
        state = state_of(connection, trial_id)
        if state != TrialState.RUNNING or lease_of(connection, trial_id) != lease:
            return False
        match end:
            case "fail":
                write_attrs(connection, trial_id, {keys.ERROR: reason})
                set_state(connection, trial_id, TrialState.FAIL)
            case "count":
                count_attempt(connection, trial_id, reason, is_own=is_own)
            case "release":
                set_state(connection, trial_id, TrialState.WAITING)
            case _:
                raise ValueError(f"a trial does not end by {end!r}")
        return True

    def is_done(connection: Connection) -> bool | None:
        done = lease is not None and state_after(connection, trial_id, lease) is not None
        return done or None

    return database.run(hand_over, earlier=is_done)


def _was_buried(database: Database, trial: Running, *, blame: bool) -> bool:
    worker = trial.lease.worker if trial.lease else "unknown"
    end: End = "count" if blame and trial.age <= trial.calm else "release"
    given = (trial.trial_id, trial.lease, end, f"its worker died ({worker})")
    return database.do(settle, *given)
