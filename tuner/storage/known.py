"""What a sampler reads of the other trials: their params and how they ended, each once.

Reports, histories and other attributes of others are not read: that would be most of what a trial
costs where many work on a study.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import Connection

from tuner.storage import trials
from tuner.storage.rdb import Database
from tuner.storage.tables import REPORTS, TRIALS, VALUES, one_of

MOST = 500
"""Of more trials a sampler is given so many: what one costs does not grow any further."""

_BEST, _LAST = 25, 25
"""TPE calls at most 25 trials good, and takes the last 25 as they are; older ones weigh less."""


class Known:
    """The trials of a study that run or have ended, as a sampler needs them."""

    def __init__(self, database: Database, study_id: int) -> None:
        self._database, self._study_id = database, study_id
        self._trials: dict[int, FrozenTrial] = {}
        self._open: set[int] = set()
        self._newest = -1

    def read(self) -> None:
        """Ask for what has changed: trials that began or ended since, and those that run."""
        self._database.run(self._read, reads=True)

    @property
    def all(self) -> list[FrozenTrial]:
        """All that have params, in order, those that were handed back too."""
        return [trial for _, trial in sorted(self._trials.items())]

    def few(self, direction: StudyDirection) -> list[FrozenTrial]:
        """At most 500 of those that have ended, the best and the last among them, and all others.

        What is left out lies between others that were trained before and after it.
        """
        found = self.all
        ended = [each for each in found if each.state.is_finished()]
        if len(ended) <= MOST:
            return found
        kept = {each.number for each in _thinned(ended, direction)}
        return [each for each in found if not each.state.is_finished() or each.number in kept]

    def _read(self, connection: Connection) -> None:
        columns = TRIALS.c
        is_first = (VALUES.c.trial_id == columns.trial_id) & (VALUES.c.objective == 0)
        kind = sqlalchemy.type_coerce(VALUES.c.value_type, sqlalchemy.String)
        found = (
            sqlalchemy.select(columns.trial_id, columns.number, columns.state, VALUES.c.value, kind)
            .outerjoin(VALUES, is_first)
            .where(columns.study_id == self._study_id, self._is_asked())
            .order_by(columns.trial_id)
        )
        rows = connection.execute(found).all()
        changed = [row for row in rows if self._is_changed(row)]
        if changed:
            given = trials.params_of(connection, [row.trial_id for row in changed])
            pruned = [row.trial_id for row in changed if row.state == TrialState.PRUNED]
            last = _last_reports(connection, pruned)
            for row in changed:
                self._trials[row.trial_id] = _trial(row, given, last.get(row.trial_id, {}))
        for row in rows:
            self._newest = max(self._newest, row.trial_id)
            (self._open.discard if row.state.is_finished() else self._open.add)(row.trial_id)

    def _is_asked(self) -> Any:
        """Trials up to the newest that has begun, from the newest before on, and the open ones."""
        column, last = TRIALS.c, TRIALS.alias().c
        begun = sqlalchemy.select(sqlalchemy.func.max(last.trial_id)).where(
            last.study_id == self._study_id,
            last.trial_id > self._newest,
            last.state != TrialState.WAITING,
        )
        is_new = (column.trial_id > self._newest) & (column.trial_id <= begun.scalar_subquery())
        ids: Any = sqlalchemy.bindparam(
            None, sorted(self._open), expanding=True, literal_execute=True
        )
        return is_new | column.trial_id.in_(ids) if self._open else is_new

    def _is_changed(self, row: Any) -> bool:
        known = self._trials.get(row.trial_id)
        return known is None or known.state != row.state or not known.params


def _trial(row: Any, given: Any, reports: dict[int, float]) -> FrozenTrial:
    params, distributions = given
    value = None if row.value_type is None else trials.number_of(row.value, row.value_type)
    return FrozenTrial(
        number=row.number,
        state=row.state,
        value=value,
        datetime_start=None,
        datetime_complete=None,
        params=params[row.trial_id],
        distributions=distributions[row.trial_id],
        user_attrs={},
        system_attrs={},
        intermediate_values=reports,
        trial_id=row.trial_id,
    )


def _last_reports(connection: Connection, ids: Sequence[int]) -> dict[int, dict[int, float]]:
    """The last step of each trial with its value."""
    column = REPORTS.c
    kind = sqlalchemy.type_coerce(column.intermediate_value_type, sqlalchemy.String).label("kind")
    place = sqlalchemy.func.row_number().over(
        partition_by=column.trial_id, order_by=column.step.desc()
    )
    ranked = (
        sqlalchemy.select(
            column.trial_id, column.step, column.intermediate_value, kind, place.label("place")
        )
        .where(one_of(connection, column.trial_id, ids))
        .subquery()
    ).c
    last = sqlalchemy.select(
        ranked.trial_id, ranked.step, ranked.intermediate_value, ranked.kind
    ).where(ranked.place == 1)
    return {
        trial_id: {step: trials.number_of(value, what)}
        for trial_id, step, value, what in connection.execute(last)
    }


def _thinned(ended: Sequence[FrozenTrial], direction: StudyDirection) -> list[FrozenTrial]:
    complete = [each for each in ended if each.state == TrialState.COMPLETE]
    sign = -1 if direction == StudyDirection.MAXIMIZE else 1
    best = sorted(complete, key=lambda each: sign * (each.value or 0.0))[:_BEST]
    kept = {each.number: each for each in (*best, *ended[-_LAST:])}
    others = [each for each in ended if each.number not in kept]
    n = MOST - len(kept)
    return [*kept.values(), *(others[i * len(others) // n] for i in range(n))]
