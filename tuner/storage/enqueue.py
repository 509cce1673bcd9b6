"""New trials: as many as are missing, whoever else looks at the same time."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import Connection

from tuner.storage import keys, tables
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES, TRIALS, USER_ATTRS, TrialRecord
from tuner.storage.tally import states


@dataclass(frozen=True)
class Queued:
    """A trial that was queued with its params: of a point of a grid or a comparison, or `given`."""

    number: int
    state: TrialState
    point: Any = None
    given: Mapping[str, Any] = field(default_factory=dict)


Plan = Callable[[Mapping[TrialState, int], Sequence[Queued]], Sequence[FrozenTrial]]
"""Trials by state, those that were queued with their params -> waiting trials to add."""


def enqueue(database: Database, study_id: int, plan: Plan) -> int:
    """Add the waiting trials that `plan` gives, in one transaction; how many they were.

    Where another process has added some meanwhile, what is missing is planned anew.
    """
    while True:
        counts, known = database.ask(snapshot, study_id)
        trials = plan(counts, known)
        if not trials or database.do(add, study_id, sum(counts.values()), list(trials)):
            return len(trials)


def add(database: Database, study_id: int, n: int, trials: Sequence[FrozenTrial]) -> bool:
    """Add waiting trials to a study of `n` trials; not if it has others by now.

    Others may have added what was missing as well.
    """

    def insert(connection: Connection) -> bool:
        study = sqlalchemy.select(STUDIES.c.study_id).where(STUDIES.c.study_id == study_id)
        connection.execute(study.with_for_update())
        if sum(states(connection, study_id).values()) != n:
            return False
        for position, trial in enumerate(trials, start=n):
            made = TRIALS.insert().values(
                number=position, study_id=study_id, state=TrialState.WAITING
            )
            trial_id = connection.execute(made.returning(TRIALS.c.trial_id)).scalar_one()
            attrs = TrialRecord(user_attrs=trial.user_attrs, system_attrs=trial.system_attrs)
            tables.write(connection, trial_id, attrs)
        return True

    return database.run(insert)


def snapshot(connection: Connection, study_id: int) -> tuple[dict[TrialState, int], list[Queued]]:
    """Trials by state, and those that were queued with their params, of one moment."""
    return states(connection, study_id), _queued(connection, study_id)


def _queued(connection: Connection, study_id: int) -> list[Queued]:
    """The trials that were queued with their params, by their numbers."""
    found = (
        sqlalchemy.select(
            TRIALS.c.number, TRIALS.c.state, USER_ATTRS.c.key, USER_ATTRS.c.value_json
        )
        .join(TRIALS, TRIALS.c.trial_id == USER_ATTRS.c.trial_id)
        .where(TRIALS.c.study_id == study_id, USER_ATTRS.c.key.in_((keys.POINT, keys.GIVEN)))
        .order_by(TRIALS.c.number)
    )
    return [
        Queued(number, state, **{"given" if key == keys.GIVEN else "point": json.loads(text)})
        for number, state, key, text in connection.execute(found)
    ]
