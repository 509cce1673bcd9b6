"""What is counted over the trials of a study: by the database, whatever their number."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import Connection

from tuner.storage import keys
from tuner.storage.tables import DIRECTIONS, REPORTS, STUDIES, TRIALS, USER_ATTRS, VALUES
from tuner.storage.trials import local, trials_where

_ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
_INFINITE = 1.7e308
"""In the place of a value that is infinite, whose number is not stored."""


@dataclass(frozen=True)
class Tally:
    """Trials of a `variant` in one state: how many, and their steps, seconds and lost attempts."""

    variant: str | None
    state: TrialState
    n: int
    steps: int
    seconds: float
    attempts: int


class Done(NamedTuple):
    """What a worker has done for a study: trials that ended there, their steps and seconds."""

    worker: str
    n: int
    steps: int
    seconds: float


class StudySummary(NamedTuple):
    """A study of the store: its trials, the best value, and when its first trial began."""

    name: str
    n_trials: int
    best: float | None
    started: datetime | None


def tallies(connection: Connection, study_id: int) -> list[Tally]:
    """The trials of a study, counted by variant and state."""
    total, steps = sqlalchemy.func.sum, sqlalchemy.func.max(REPORTS.c.step)
    names = (keys.PARAMS, keys.SECONDS, keys.ATTEMPTS)
    last = sqlalchemy.select(steps).where(REPORTS.c.trial_id == TRIALS.c.trial_id)
    params, seconds, attempts = USER_ATTRS.alias(), USER_ATTRS.alias(), USER_ATTRS.alias()
    variant = _variant(connection, params)
    found = (
        sqlalchemy.select(
            variant,
            TRIALS.c.state,
            sqlalchemy.func.count(),
            total(last.scalar_subquery()),
            total(sqlalchemy.cast(seconds.c.value_json, sqlalchemy.Float)),
            total(sqlalchemy.cast(attempts.c.value_json, sqlalchemy.Integer)),
        )
        .select_from(_with(params, seconds, attempts, names=names))
        .where(TRIALS.c.study_id == study_id)
        .group_by(variant, TRIALS.c.state)
    )
    return [
        Tally(name, state, n, steps or 0, seconds or 0.0, attempts or 0)
        for name, state, n, steps, seconds, attempts in connection.execute(found)
    ]


def by_worker(connection: Connection, study_id: int) -> list[Done]:
    """The workers that have ended trials of a study, by their names."""
    total, last = sqlalchemy.func.sum, sqlalchemy.func.max(REPORTS.c.step)
    worker, seconds = USER_ATTRS.alias(), USER_ATTRS.alias()
    steps = sqlalchemy.select(last).where(REPORTS.c.trial_id == TRIALS.c.trial_id)
    name = worker.c.value_json
    found = (
        sqlalchemy.select(
            name,
            sqlalchemy.func.count(),
            total(steps.scalar_subquery()),
            total(sqlalchemy.cast(seconds.c.value_json, sqlalchemy.Float)),
        )
        .select_from(_with(worker, seconds, names=(keys.WORKER, keys.SECONDS)))
        .where(TRIALS.c.study_id == study_id, TRIALS.c.state.in_(_ENDED), name.is_not(None))
        .group_by(name)
        .order_by(name)
    )
    rows = connection.execute(found).all()
    return [Done(json.loads(text), n, steps or 0, sec or 0.0) for text, n, steps, sec in rows]


def best_of_each(connection: Connection, study_id: int, *, maximize: bool) -> list[FrozenTrial]:
    """The best complete trial of each variant; of equals the one that ran first."""
    params = USER_ATTRS.alias()
    value = sqlalchemy.case(
        (VALUES.c.value_type == "INF_POS", _INFINITE),
        (VALUES.c.value_type == "INF_NEG", -_INFINITE),
        else_=VALUES.c.value,
    )
    order = (value.desc() if maximize else value, TRIALS.c.number)
    place = sqlalchemy.func.row_number().over(
        partition_by=_variant(connection, params), order_by=order
    )
    ranked = (
        sqlalchemy.select(TRIALS.c.trial_id, place.label("place"))
        .select_from(
            _with(params, names=(keys.PARAMS,)).join(VALUES, VALUES.c.trial_id == TRIALS.c.trial_id)
        )
        .where(TRIALS.c.study_id == study_id, TRIALS.c.state == TrialState.COMPLETE)
        .subquery()
    )
    found = connection.execute(sqlalchemy.select(ranked.c.trial_id).where(ranked.c.place == 1))
    return trials_where(connection, TRIALS.c.trial_id.in_(list(found.scalars())))


def slowest_step(connection: Connection, study_id: int) -> float:
    """The most seconds that a step has taken, on average over a trial that has ended; else 0."""
    last = sqlalchemy.select(sqlalchemy.func.max(REPORTS.c.step))
    steps = last.where(REPORTS.c.trial_id == TRIALS.c.trial_id).scalar_subquery()
    seconds = USER_ATTRS.alias()
    spent = sqlalchemy.cast(seconds.c.value_json, sqlalchemy.Float)
    found = (
        sqlalchemy.select(sqlalchemy.func.max(spent / sqlalchemy.func.nullif(steps, 0)))
        .select_from(_with(seconds, names=(keys.SECONDS,)))
        .where(TRIALS.c.study_id == study_id, seconds.c.value_json.is_not(None))
    )
    return float(connection.execute(found).scalar_one() or 0.0)


def states(connection: Connection, study_id: int) -> dict[TrialState, int]:
    """How many trials of a study are in which state."""
    found = (
        sqlalchemy.select(TRIALS.c.state, sqlalchemy.func.count())
        .where(TRIALS.c.study_id == study_id)
        .group_by(TRIALS.c.state)
    )
    return {state: n for state, n in connection.execute(found)}  # noqa: C416


def summaries(connection: Connection) -> list[StudySummary]:
    """Every study of the store, in the order in which they were made."""
    is_complete = TRIALS.c.state == TrialState.COMPLETE
    is_value = (VALUES.c.trial_id == TRIALS.c.trial_id) & (VALUES.c.objective == 0) & is_complete
    found = (
        sqlalchemy.select(
            STUDIES.c.study_name,
            DIRECTIONS.c.direction,
            sqlalchemy.func.count(TRIALS.c.trial_id),
            sqlalchemy.func.min(VALUES.c.value),
            sqlalchemy.func.max(VALUES.c.value),
            sqlalchemy.func.min(TRIALS.c.datetime_start),
        )
        .select_from(STUDIES)
        .join(
            DIRECTIONS,
            (DIRECTIONS.c.study_id == STUDIES.c.study_id) & (DIRECTIONS.c.objective == 0),
        )
        .outerjoin(TRIALS, TRIALS.c.study_id == STUDIES.c.study_id)
        .outerjoin(VALUES, is_value)
        .group_by(STUDIES.c.study_id, STUDIES.c.study_name, DIRECTIONS.c.direction)
        .order_by(STUDIES.c.study_id)
    )
    return [
        StudySummary(name, n, most if way == StudyDirection.MAXIMIZE else least, local(began))
        for name, way, n, least, most, began in connection.execute(found)
    ]


def _with(*attrs: Any, names: Sequence[str]) -> Any:
    """Trials, and beside each its user attributes of these names."""
    joined = TRIALS
    for table, name in zip(attrs, names, strict=True):
        is_own = (table.c.trial_id == TRIALS.c.trial_id) & (table.c.key == name)
        joined = joined.outerjoin(table, is_own)
    return joined


def _variant(connection: Connection, params: Any) -> Any:
    """The variant among the params, which are stored as JSON."""
    text, is_server = params.c.value_json, connection.dialect.name != "sqlite"
    typed: Any = (sqlalchemy.cast if is_server else sqlalchemy.type_coerce)(text, sqlalchemy.JSON)
    return typed["variant"].as_string()
