"""The trials of a study as Optuna has them, read table by table.

Optuna makes an object of every row before it makes trials of them, which takes several times the
seconds and ten times the memory.
"""

import contextlib
import functools
import gc
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from sys import intern
from typing import Any

import sqlalchemy
from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.trial import FrozenTrial
from sqlalchemy.engine import Connection

from tuner.storage import keys
from tuner.storage.columns import Columns
from tuner.storage.lease import LostTrialError
from tuner.storage.tables import (
    PARAMS,
    REPORTS,
    SYSTEM_ATTRS,
    TRIALS,
    USER_ATTRS,
    VALUES,
    one_of,
)

_AT_ONCE = 10_000
"""Rows that are fetched together."""

_NO_NUMBER = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}
"""What is stored without its number, by its type."""

Ids = Mapping[int, dict[Any, Any]]

_PARSE = json.JSONDecoder().raw_decode
"""What `json.loads` looks for around a value is not there, and takes longer than most values."""


def after(study_id: int, trial_id: int, others: Collection[int]) -> Any:
    """The condition on the table of trials that a trial has a higher id, or one of `others`."""
    column = TRIALS.c.trial_id
    named: Any = sqlalchemy.bindparam(None, list(others), expanding=True, literal_execute=True)
    is_asked = (column > trial_id) | column.in_(named) if others else column > trial_id
    return (TRIALS.c.study_id == study_id) & is_asked


def trials_where(
    connection: Connection, condition: Any, *, lazily: bool = False
) -> list[FrozenTrial]:
    """The trials for which a condition on their table holds, in the order of their ids.

    Where they are read lazily, their histories are `Columns`.
    """
    with uncollected():
        return _trials_where(connection, condition, lazily=lazily)


def begun(connection: Connection, trial_id: int) -> FrozenTrial:
    """A trial that has been claimed, without what it has reported; it has no value."""
    row = TRIALS.c
    found = sqlalchemy.select(row.number, row.state, row.datetime_start)
    there = connection.execute(found.where(row.trial_id == trial_id)).one_or_none()
    if there is None:
        raise LostTrialError("the trial was deleted")
    number, state, started = there
    params, distributions = params_of(connection, [trial_id])
    return FrozenTrial(
        number=number,
        state=state,
        value=None,
        datetime_start=local(started),
        datetime_complete=None,
        params=params[trial_id],
        distributions=distributions[trial_id],
        user_attrs=_attrs(connection, [trial_id], USER_ATTRS)[trial_id],
        system_attrs=_attrs(connection, [trial_id], SYSTEM_ATTRS)[trial_id],
        intermediate_values={},
        trial_id=trial_id,
    )


def _trials_where(connection: Connection, condition: Any, *, lazily: bool) -> list[FrozenTrial]:
    names = ("trial_id", "number", "state", "datetime_start", "datetime_complete")
    found = sqlalchemy.select(*(TRIALS.c[name] for name in names)).where(condition)
    # First, as trials may end meanwhile: one that has ended here has all that it ended with.
    trials = connection.execute(found.order_by(TRIALS.c.trial_id)).all()
    ids = [row.trial_id for row in trials]
    params, distributions = params_of(connection, ids)
    values = _numbers(connection, ids, VALUES.c.objective, VALUES.c.value)
    reports = _numbers(connection, ids, REPORTS.c.step, REPORTS.c.intermediate_value)
    user = _attrs(connection, ids, USER_ATTRS, lazily=lazily)
    system = _attrs(connection, ids, SYSTEM_ATTRS)
    return [
        FrozenTrial(
            number=number,
            state=state,
            value=None,
            datetime_start=local(started),
            datetime_complete=local(completed),
            params=params[trial_id],
            distributions=distributions[trial_id],
            user_attrs=user[trial_id],
            system_attrs=system[trial_id],
            intermediate_values=reports[trial_id],
            trial_id=trial_id,
            values=list(values[trial_id].values()) or None,
        )
        for trial_id, number, state, started, completed in trials
    ]


def params_of(connection: Connection, ids: Collection[int]) -> tuple[Ids, Ids]:
    """The params of each of some trials, and their distributions, by the trials' ids."""
    params, distributions = defaultdict[int, Any](dict), defaultdict[int, Any](dict)
    columns = PARAMS.c
    asked = (columns.param_name, columns.param_value, columns.distribution_json)
    found = _of(connection, ids, *asked)
    for trial_id, name, number, text in _fetch(connection, found.order_by(columns.param_id)):
        drawn_from = distribution(text)
        distributions[trial_id][intern(name)] = drawn_from
        params[trial_id][intern(name)] = drawn_from.to_external_repr(number)
    return params, distributions


def number_of(number: float | None, kind: str) -> float:
    """A number of the store, of which infinite ones and NaN are stored by their type alone."""
    return _NO_NUMBER[kind] if number is None else number


def _numbers(connection: Connection, ids: Collection[int], key: Any, column: Any) -> Ids:
    """The numbers of each trial in a table that has their types beside them, by its key."""
    kind = sqlalchemy.type_coerce(column.table.c[f"{column.name}_type"], sqlalchemy.String)
    found = _of(connection, ids, key, column, kind).order_by(column.table.c.trial_id, key)
    numbers = defaultdict[int, Any](dict)
    for trial_id, place, number, kind in _fetch(connection, found):
        numbers[trial_id][place] = number_of(number, kind)
    return numbers


def _attrs(
    connection: Connection, ids: Collection[int], table: Any, *, lazily: bool = False
) -> Ids:
    """The attributes of each trial."""
    attrs = defaultdict[int, Any](dict)
    found = _of(connection, ids, table.c.key, table.c.value_json)
    for trial_id, key, text in _fetch(connection, found):
        attrs[trial_id][intern(key)] = attribute(key, text, lazily=lazily)
    return attrs


def attribute(name: str, text: str, *, lazily: bool) -> Any:
    """The value of an attribute; a history that is read lazily is `Columns`."""
    is_lazy = lazily and name == keys.HISTORY and text.startswith("{")
    return Columns(text) if is_lazy else _PARSE(text)[0]


def _of(connection: Connection, ids: Collection[int], *columns: Any) -> Any:
    """The rows of some trials in another table."""
    trial_id = columns[0].table.c.trial_id
    return sqlalchemy.select(trial_id, *columns).where(one_of(connection, trial_id, ids))


def _fetch(connection: Connection, found: Any) -> Iterator[Any]:
    """Rows, not all of which are in memory at once."""
    with connection.execute(found, execution_options={"yield_per": _AT_ONCE}) as rows:
        yield from rows


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: there is none, and a quarter of the time would go into it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@functools.lru_cache(maxsize=1024)
def distribution(text: str) -> BaseDistribution:
    """One object for all the trials that were sampled from it, as nothing changes it."""
    return json_to_distribution(text)


def local(moment: datetime | None) -> datetime | None:
    """A time of the store, which has UTC, as Optuna gives it."""
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
