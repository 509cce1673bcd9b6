"""The trials of a study in outline: what an answer needs of them, without an object of Optuna each.

Their reports, times, system attributes and most user attributes are not read: of 20,000 trials that
would be two thirds of the rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.storage import trials
from tuner.storage.tables import PARAMS, REPORTS, TRIALS, USER_ATTRS, VALUES, one_of


@dataclass(slots=True)
class Outline:
    """One trial: its value where it is complete, its last step where it reported one."""

    number: int
    state: TrialState
    value: float | None
    attrs: dict[str, Any] = field(default_factory=dict)
    last_step: int | None = None


def outlines(connection: Connection, study_id: int, names: Sequence[str]) -> list[Outline]:
    """The trials of a study in the order of their ids, with those of their attributes."""
    # First, as trials may end meanwhile: one that has ended here has all that it ended with.
    found: dict[int, Outline] = dict(_trials(connection, study_id))
    attrs, reports = USER_ATTRS.c, REPORTS.c
    asked = sqlalchemy.select(attrs.trial_id, attrs.key, attrs.value_json).where(
        one_of(connection, attrs.trial_id, found), attrs.key.in_(names)
    )
    for trial_id, key, text in connection.execute(asked).all():
        if trial_id in found:
            found[trial_id].attrs[key] = trials.attribute(key, text, lazily=True)
    last = sqlalchemy.select(reports.trial_id, sqlalchemy.func.max(reports.step)).where(
        one_of(connection, reports.trial_id, found)
    )
    for trial_id, step in connection.execute(last.group_by(reports.trial_id)).all():
        if trial_id in found:
            found[trial_id].last_step = step
    return list(found.values())


def sampled(connection: Connection, study_id: int) -> dict[str, BaseDistribution]:
    """What the last trial that has a param drew it from, by the params' names."""
    params, own = PARAMS.c, TRIALS.c.study_id == study_id
    last = (
        sqlalchemy.select(params.param_name, sqlalchemy.func.max(params.trial_id).label("trial_id"))
        .where(params.trial_id.in_(sqlalchemy.select(TRIALS.c.trial_id).where(own)))
        .group_by(params.param_name)
        .subquery()
    )
    is_last = (last.c.param_name == params.param_name) & (last.c.trial_id == params.trial_id)
    found = sqlalchemy.select(params.param_name, params.distribution_json)
    rows = connection.execute(found.join(last, is_last))
    return {name: trials.distribution(text) for name, text in rows}


def _trials(connection: Connection, study_id: int) -> Iterator[tuple[int, Outline]]:
    column, value = TRIALS.c, VALUES.c
    kind = sqlalchemy.type_coerce(value.value_type, sqlalchemy.String)
    is_first = (value.trial_id == column.trial_id) & (value.objective == 0)
    found = (
        sqlalchemy.select(column.trial_id, column.number, column.state, value.value, kind)
        .outerjoin(VALUES, is_first)
        .where(column.study_id == study_id)
        .order_by(column.trial_id)
    )
    for trial_id, number, state, of_first, kind in connection.execute(found).all():
        is_complete = state == TrialState.COMPLETE
        known = trials.number_of(of_first, kind) if is_complete and kind is not None else None
        yield trial_id, Outline(number, state, known)
