"""Optuna's tables, and what a running trial writes into them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from tuner.storage.rdb import Database

STUDIES: Any = models.StudyModel.__table__
DIRECTIONS: Any = models.StudyDirectionModel.__table__
TRIALS: Any = models.TrialModel.__table__
PARAMS: Any = models.TrialParamModel.__table__
REPORTS: Any = models.TrialIntermediateValueModel.__table__
VALUES: Any = models.TrialValueModel.__table__
USER_ATTRS: Any = models.TrialUserAttributeModel.__table__
SYSTEM_ATTRS: Any = models.TrialSystemAttributeModel.__table__
HEARTBEATS: Any = models.TrialHeartbeatModel.__table__
STUDY_USER_ATTRS: Any = models.StudyUserAttributeModel.__table__
STUDY_SYSTEM_ATTRS: Any = models.StudySystemAttributeModel.__table__
ALL: Any = models.BaseModel.metadata
NAMES = {*ALL.tables, "alembic_version"}

RUNG = "completed_rung_"
"""How the system attributes begin in which successive halving keeps the rungs of a trial."""

RELATIVE = "tpe:relative_params:"
"""How the system attributes begin in which TPE says what it will propose to a trial."""

FIXED_PARAMS = "fixed_params"
"""The system attribute with the params that a queued trial is to have."""


def one_of(connection: Connection, column: Any, ids: Collection[int]) -> Any:
    """The condition that a column is one of ids, however many: they are one parameter.

    Postgres has nothing to join then. Where its statistics are of a time before many trials came
    at once, it would join table to table without an index, for minutes.
    """
    if connection.dialect.name == "postgresql":
        numbers = sqlalchemy.literal(list(ids), postgresql.ARRAY(sqlalchemy.Integer))
        return column == sqlalchemy.any_(numbers)
    listed = sqlalchemy.func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(sqlalchemy.select(listed.c.value))


@dataclass
class TrialRecord:
    """Params in Optuna's numbers, values of steps, attributes."""

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)


def write(connection: Connection, trial_id: int, rows: TrialRecord) -> None:
    """Write rows of a trial, over older ones of the same keys."""
    for table, key, records in _tables(rows):
        if records:
            keys = [record[key] for record in records]
            older = (table.c.trial_id == trial_id) & table.c[key].in_(keys)
            connection.execute(table.delete().where(older))
            connection.execute(table.insert().values(trial_id=trial_id), records)


def write_attrs(connection: Connection, trial_id: int, attrs: Mapping[str, Any]) -> None:
    """Write user attributes of a trial."""
    write(connection, trial_id, TrialRecord(user_attrs=dict(attrs)))


def write_values(connection: Connection, trial_id: int, values: Sequence[float]) -> None:
    """Write the values that a trial ended with."""
    represent = models.TrialValueModel.value_to_stored_repr
    for objective, (value, kind) in enumerate(map(represent, values)):
        record = {"objective": objective, "value": value, "value_type": kind}
        connection.execute(VALUES.insert().values(trial_id=trial_id, **record))


def open_trials(database: "Database", study_id: int, after: int) -> dict[int, TrialState]:
    """The states of the trials that are waiting or running, or have ids above `after`, by id."""
    columns = TRIALS.c
    is_open = columns.state.in_([TrialState.WAITING, TrialState.RUNNING])
    found = sqlalchemy.select(columns.trial_id, columns.state).where(
        columns.study_id == study_id, is_open | (columns.trial_id > after)
    )
    rows = database.run(lambda connection: connection.execute(found).all(), reads=True)
    return {row.trial_id: row.state for row in rows}


def _tables(rows: TrialRecord) -> Iterator[tuple[Any, str, list[dict[str, Any]]]]:
    """Each table with the column that is its key, and the records for it."""
    params = [
        {"param_name": name, "param_value": value, "distribution_json": distribution_to_json(kind)}
        for name, (value, kind) in rows.params.items()
    ]
    yield PARAMS, "param_name", params
    represent = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr
    reports = ((step, *represent(value)) for step, value in rows.reports.items())
    columns = ("step", "intermediate_value", "intermediate_value_type")
    yield REPORTS, "step", [dict(zip(columns, report, strict=True)) for report in reports]
    for table, attrs in ((USER_ATTRS, rows.user_attrs), (SYSTEM_ATTRS, rows.system_attrs)):
        texts = ((key, json.dumps(value)) for key, value in attrs.items())
        yield table, "key", [{"key": key, "value_json": text} for key, text in texts]
