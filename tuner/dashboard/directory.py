"""What a store has: its studies, in a few queries whatever their size."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy

from tuner.comparison.companion import parent
from tuner.dashboard import writing
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES, STUDY_USER_ATTRS, TRIALS
from tuner.study import attrs
from tuner.study.trial_queue import Counts


@dataclass(frozen=True)
class Listed:
    """A study of the store; `definition` is empty where it is none of tuner's.

    `answer` is what was said of it last, and `contests` are its comparisons by name.
    """

    number: int
    name: str
    counts: Counts
    last: datetime | None
    definition: Mapping[str, Any]
    answer: str
    contests: Mapping[str, "Listed"] = field(default_factory=dict)

    @property
    def all(self) -> "list[Listed]":
        """The study and its comparisons."""
        return [self, *self.contests.values()]

    @property
    def is_open(self) -> bool:
        """Whether trials of it or of its comparisons wait or run."""
        return any(each.counts.waiting or each.counts.running for each in self.all)

    @property
    def state(self) -> str:
        """A text that is another once a trial of it or of a comparison has another state."""
        return repr([(each.number, each.counts, each.last) for each in self.all])


def listed(database: Database) -> dict[str, Listed]:
    """The studies by name, that which was at work last first, each with its comparisons."""
    rows = sorted(_rows(database), key=lambda row: (row.last or datetime.min, row.number))
    contests = {row.name: row for row in rows if row.definition and parent(row.name)}
    return {
        row.name: replace(
            row,
            contests={name: each for name, each in contests.items() if parent(name) == row.name},
        )
        for row in reversed(rows)
        if row.name not in contests
    }


def _rows(database: Database) -> Iterator[Listed]:
    """Every study: its trials by state, and when the last one ended."""
    trials = (TRIALS.c.state, sqlalchemy.func.count(TRIALS.c.trial_id))
    last = sqlalchemy.func.max(TRIALS.c.datetime_complete)
    asked = (
        sqlalchemy.select(STUDIES.c.study_id, STUDIES.c.study_name, *trials, last)
        .join(TRIALS, TRIALS.c.study_id == STUDIES.c.study_id, isouter=True)
        .group_by(STUDIES.c.study_id, STUDIES.c.study_name, TRIALS.c.state)
        .order_by(STUDIES.c.study_id)
    )
    rows = database.run(lambda each: each.execute(asked).all(), reads=True)
    definitions, answers = _definitions(database), writing.answers(database)
    for (number, name), found in groupby(rows, key=lambda row: (row[0], row[1])):
        states = [tuple(row)[2:] for row in found]
        yield Listed(
            number=number,
            name=name,
            counts=Counts.of({state: n for state, n, _ in states if state is not None}),
            last=max((end for *_, end in states if end is not None), default=None),
            definition=definitions.get(number, {}),
            answer=answers.get(number, ""),
        )


def _definitions(database: Database) -> dict[int, Mapping[str, Any]]:
    """The definition of each study that has one, by its number."""
    asked = sqlalchemy.select(STUDY_USER_ATTRS.c.study_id, STUDY_USER_ATTRS.c.value_json).where(
        STUDY_USER_ATTRS.c.key == attrs.DEFINITION.name
    )
    rows = database.run(lambda each: each.execute(asked).all(), reads=True)
    return {number: json.loads(text) for number, text in rows}
