"""Figures and notes -> the store, where optuna-dashboard finds them.

What `save_note` and `save_plotly_graph_object` write in pieces of 2 kB, a transaction each, is
written at once here and whole: no page shows half a figure, and pages read few rows.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Connection

from tuner.dashboard import internals
from tuner.dashboard.notes import merged
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES
from tuner.storage.tables import STUDY_SYSTEM_ATTRS as ATTRS

STAMP = "tuner:dashboard"
"""What of a study is shown, and when somebody last began to renew it."""


@dataclass(frozen=True)
class Shown:
    """Figures as JSON by name, the note of the study, notes of trials by their ids.

    `answer` is the first line of what is said, for the list of studies.
    """

    figures: Mapping[str, str]
    note: str
    trial_notes: Mapping[int, str]
    answer: str = ""


def shown(database: Database) -> dict[int, str]:
    """The state that is shown of each study, by its number."""
    return {number: stamp.get("state", "") for number, stamp in _stamps(database)}


def answers(database: Database) -> dict[int, str]:
    """What is said of each study, by its number."""
    return {number: stamp.get("answer", "") for number, stamp in _stamps(database)}


def _stamps(database: Database) -> Iterator[tuple[int, dict[str, Any]]]:
    found = sqlalchemy.select(ATTRS.c.study_id, ATTRS.c.value_json).where(ATTRS.c.key == STAMP)
    rows = database.run(lambda connection: connection.execute(found).all(), reads=True)
    return ((study_id, json.loads(text)) for study_id, text in rows)


def claim(database: Database, study_id: int, state: str, now: float, period: float) -> bool:
    """Whether this process is to show another `state` of a study: once in a period one may."""

    def take(connection: Connection) -> bool:
        if not _lock(connection, study_id):
            return False
        stamp = _read(connection, study_id, STAMP).get(STAMP, {})
        is_taken = abs(now - stamp.get("at", 0.0)) < period
        if is_taken or stamp.get("state") == state:
            return False
        _put(connection, study_id, {STAMP: {**stamp, "at": now}})
        return True

    return database.run(take)


def write(database: Database, study_id: int, shown: Shown, state: str, now: float) -> None:
    """Show this of a study; what others have written above a note of ours stays."""

    def put(connection: Connection) -> None:
        if not _lock(connection, study_id):
            return
        before = _read(connection, study_id, internals.ATTRS)
        attrs: dict[str, Any] = {STAMP: {"state": state, "at": now, "answer": shown.answer}}
        for trial_id, text in ((None, shown.note), *shown.trial_notes.items()):
            attrs |= _note(before, trial_id, text)
        for name, text in shown.figures.items():
            attrs[internals.figure_key(name)] = text
        _put(connection, study_id, attrs)

    database.run(put)


def _note(before: Mapping[str, Any], trial_id: int | None, text: str) -> dict[str, Any]:
    """The attributes of a note, none where it says the same as before."""
    old = internals.note_body(before, trial_id)
    body = merged(old, text)
    return {} if body == old else internals.note_attrs(before, trial_id, body)


def _lock(connection: Connection, study_id: int) -> bool:
    """Keep other writers of the study out until the transaction ends; whether it is there."""
    study = sqlalchemy.select(STUDIES.c.study_id).where(STUDIES.c.study_id == study_id)
    return connection.execute(study.with_for_update()).first() is not None


def _read(connection: Connection, study_id: int, prefix: str) -> dict[str, Any]:
    found = sqlalchemy.select(ATTRS.c.key, ATTRS.c.value_json).where(
        ATTRS.c.study_id == study_id, ATTRS.c.key.startswith(prefix)
    )
    return {key: json.loads(text) for key, text in connection.execute(found)}


def _put(connection: Connection, study_id: int, attrs: Mapping[str, Any]) -> None:
    older = (ATTRS.c.study_id == study_id) & ATTRS.c.key.in_(list(attrs))
    connection.execute(ATTRS.delete().where(older))
    rows = [{"key": key, "value_json": json.dumps(value)} for key, value in attrs.items()]
    connection.execute(ATTRS.insert().values(study_id=study_id), rows)
