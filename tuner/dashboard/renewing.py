"""What is shown of every study, renewed as its trials finish."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

import sqlalchemy
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from tuner import __version__
from tuner.comparison.answer import Answer, answer_of
from tuner.comparison.companion import is_comparison, parent
from tuner.comparison.result import ComparisonResult
from tuner.comparison.verdict import judge_if_compared
from tuner.dashboard import figures, notes, writing
from tuner.dashboard.writing import Shown
from tuner.errors import StoreError, one_line
from tuner.storage.optuna_objects import StoredStudy
from tuner.storage.rdb import Database
from tuner.storage.tables import STUDIES, STUDY_USER_ATTRS, TRIALS
from tuner.study import attrs, summary
from tuner.study.reading import read
from tuner.study.results import Results

_LOGGER = logging.getLogger("tuner")
_REST = 20
"""A renewal is followed by a rest of so many times the time that it took."""


def renew(database: Database, storage: BaseStorage, period: float = 0.0) -> list[str]:
    """Renew what is shown of the studies that changed, which no other process does meanwhile.

    Each at most once in `period` seconds, of all processes together. Returns their names.
    """
    renewed = []
    for name, (study_id, state) in _states(database).items():
        if writing.claim(database, study_id, state, time.time(), period):
            study = StoredStudy(name, storage)
            writing.write(database, study_id, _shown(study), state, time.time())
            renewed.append(name)
    return renewed


def _shown(study: StoredStudy[BaseStorage]) -> Shown:
    """What is to be shown, or why it cannot be: one study must not keep the others waiting."""
    try:
        return show(study)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001
        _LOGGER.warning("study %s: %s", study.study_name, one_line(error))
        return Shown({}, notes.failure(one_line(error)), {})


def show(study: StoredStudy[BaseStorage]) -> Shown:
    """What is to be shown of a study."""
    if is_comparison(study):
        return _show_contest(study)
    results, result = read(study), judge_if_compared(study, study.store)
    drawn, answer = figures.of_study(results, result), _answer(study, results, result)
    return Shown(
        figures={name: str(figure.to_json()) for name, figure in drawn.items()},
        note=notes.study_note(results, result, answer),
        trial_notes={study.trial_id(n): text for n, text in notes.trial_notes(results).items()},
        answer=summary.best_line(results) if answer is None else answer.answer,
    )


def _answer(
    study: StoredStudy[BaseStorage], results: Results, result: ComparisonResult | None
) -> Answer | None:
    """The answer of a study whose trials have ended; while they run it would change with each."""
    counts = results.counts
    if counts.waiting + counts.running:
        return None
    return answer_of(results, study.store, result)


def _show_contest(study: StoredStudy[BaseStorage]) -> Shown:
    """The verdict alone: the trials of a comparison differ by their seeds only."""
    searched = StoredStudy(parent(study.study_name), study.store)
    result = judge_if_compared(searched, study.store)
    drawn = figures.of_comparison(result)
    return Shown(
        figures={name: str(figure.to_json()) for name, figure in drawn.items()},
        note=notes.contest_note(searched.study_name, result),
        trial_notes={},
    )


def keep_renewing(
    database: Database, storage: Callable[[], BaseStorage], period: float
) -> threading.Thread:
    """Renew in a thread of its own, at most once in `period` seconds, as long as the process is."""
    thread = threading.Thread(target=_go_on, args=(database, storage, period), daemon=True)
    thread.start()
    return thread


def _go_on(database: Database, storage: Callable[[], BaseStorage], period: float) -> None:
    pause, fails = period, False
    while True:
        began = time.monotonic()
        try:
            renew(database, storage(), pause)
            fails = False
        except Exception as error:  # noqa: BLE001 (that the thread had ended nobody would notice)
            if not fails:
                _LOGGER.warning("notes and figures are not renewed: %s", one_line(error))
            fails = True
        pause = max(period, _REST * (time.monotonic() - began))
        time.sleep(pause)


def _states(database: Database) -> dict[str, tuple[int, str]]:
    """Number and state of the studies of which something else is shown, by name.

    The state is what is drawn: by this version, so many trials that have ended, of the study and of
    all its comparisons.
    """
    ended = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]
    of_study = (TRIALS.c.study_id == STUDIES.c.study_id) & TRIALS.c.state.in_(ended)
    is_defined = STUDY_USER_ATTRS.c.key == attrs.DEFINITION.name
    ours = sqlalchemy.select(STUDY_USER_ATTRS.c.study_id).where(is_defined)
    columns = (STUDIES.c.study_name, STUDIES.c.study_id)
    counts = (
        sqlalchemy.select(*columns, sqlalchemy.func.count(TRIALS.c.trial_id))
        .join(TRIALS, of_study, isouter=True)
        .where(STUDIES.c.study_id.in_(ours))
        .group_by(*columns)
    )
    rows = database.run(lambda connection: connection.execute(counts).all(), reads=True)
    compared: Counter[str] = Counter()
    for name, _, n in rows:
        compared[parent(name)] += n
    shown, states = writing.shown(database), {}
    for name, study_id, n in rows:
        state = f"{__version__}: {n} and {compared[parent(name) or name]} trials"
        if shown.get(study_id) != state:
            states[name] = (study_id, state)
    return states
