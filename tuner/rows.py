"""What a running trial writes into Optuna's tables, all of it in one transaction."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.trial import TrialState

from tuner.storage import reading

_TRIALS: Any = models.TrialModel.__table__
_PARAMS: Any = models.TrialParamModel.__table__
_REPORTS: Any = models.TrialIntermediateValueModel.__table__
_USER_ATTRS: Any = models.TrialUserAttributeModel.__table__
_SYSTEM_ATTRS: Any = models.TrialSystemAttributeModel.__table__


@dataclass
class Rows:
    """Params in Optuna's numbers, values of steps, attributes."""

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)


def write(database: RDBStorage, trial_id: int, rows: Rows) -> None:
    """Write rows of a running trial in one transaction, over older ones of the same keys.

    Raises UpdateFinishedTrialError where the trial has ended.
    """
    state = sqlalchemy.select(_TRIALS.c.state).where(_TRIALS.c.trial_id == trial_id)
    with database.engine.begin() as connection:
        database.check_trial_is_updatable(trial_id, connection.execute(state).scalar_one())
        for table, key, records in _tables(rows):
            if records:
                keys = [record[key] for record in records]
                older = (table.c.trial_id == trial_id) & table.c[key].in_(keys)
                connection.execute(table.delete().where(older))
                connection.execute(table.insert().values(trial_id=trial_id), records)


def open_trials(database: RDBStorage, study_id: int, after: int) -> dict[int, TrialState]:
    """The states of the trials that are waiting or running, or have ids above `after`, by id."""
    columns = _TRIALS.c
    is_open = columns.state.in_([TrialState.WAITING, TrialState.RUNNING])
    found = sqlalchemy.select(columns.trial_id, columns.state).where(
        columns.study_id == study_id, is_open | (columns.trial_id > after)
    )
    with reading(), database.engine.connect() as connection:
        return {row.trial_id: row.state for row in connection.execute(found)}


def _tables(rows: Rows) -> Iterator[tuple[Any, str, list[dict[str, Any]]]]:
    """Each table with the column that is its key, and the records for it."""
    params = [
        {"param_name": name, "param_value": value, "distribution_json": distribution_to_json(kind)}
        for name, (value, kind) in rows.params.items()
    ]
    yield _PARAMS, "param_name", params
    represent = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr
    reports = ((step, *represent(value)) for step, value in rows.reports.items())
    columns = ("step", "intermediate_value", "intermediate_value_type")
    yield _REPORTS, "step", [dict(zip(columns, report, strict=True)) for report in reports]
    for table, attrs in ((_USER_ATTRS, rows.user_attrs), (_SYSTEM_ATTRS, rows.system_attrs)):
        texts = ((key, json.dumps(value)) for key, value in attrs.items())
        yield table, "key", [{"key": key, "value_json": text} for key, text in texts]
