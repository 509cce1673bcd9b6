"""Trials are read as Optuna reads them, in few statements."""

import math

import optuna
import pytest
import sqlalchemy
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from tuner.storage.connect import open_storage


@pytest.fixture
def study(store_url):
    store = open_storage(store_url)
    optuna.create_study(study_name="other", storage=store).ask()
    made = optuna.create_study(study_name="s", storage=store)
    for number in range(6):
        _add(made, number)
    made.enqueue_trial({"x": 0.5})
    return made, store.database


def _add(study, number):
    trial = study.ask()
    trial.suggest_categorical("kind", ("a", None, 3, True))
    trial.suggest_float("x", 1e-3, 1, log=True)
    trial.suggest_int("n", 1, 9, step=2)
    for step, value in enumerate((0.5, math.inf, -math.inf, math.nan)[:number]):
        trial.report(value, 10 - step)
    trial.set_user_attr("history", {"val_loss": [0.25, math.nan], "name": "\N{SNOWMAN}"})
    trial.storage.set_trial_system_attr(trial._trial_id, "number", number)
    if number < 4:
        study.tell(trial, (0.25, math.inf, -math.inf, None)[number], state=_state(number))


def _state(number):
    return TrialState.FAIL if number == 3 else TrialState.COMPLETE


ASKED = [
    (None, set(), -1),
    ((TrialState.RUNNING, TrialState.WAITING), set(), -1),
    (None, {1, 2, 3, 99}, 4),
    (None, set(), 4),
    (None, set(), 99),
]
"""States, ids, and the id above which all are asked for."""


def test_trials_are_those_that_optuna_reads(study):
    database = study[1]
    for asked in ASKED:
        ours = database._get_trials(2, *asked)
        theirs = RDBStorage._get_trials(database, 2, *asked)
        lazy = database._get_trials(2, *asked, lazily=True)
        assert [_text(each) for each in ours] == [_text(each) for each in theirs]
        assert [_text(each) for each in lazy] == [_text(each) for each in theirs]


def _text(trial):
    """All of a trial, nan like nan, params in their order."""
    return repr(vars(trial) | {"intermediate_values": sorted(trial.intermediate_values.items())})


def test_what_is_compared_has_all_that_there_is(study):
    found = study[1]._get_trials(2, *ASKED[0])
    assert {trial.state for trial in found} == set(TrialState) - {TrialState.PRUNED}
    assert list(found[3].intermediate_values.values()) == [-math.inf, math.inf, 0.5]


def test_a_study_that_is_not_there_is_an_error(study):
    with pytest.raises(KeyError):
        study[1]._get_trials(99, *ASKED[0])


def test_statements_do_not_grow_with_the_trials(study):
    database, counts = study[1], []
    for _ in range(2):
        statements = []
        sqlalchemy.event.listen(database.engine, "before_cursor_execute", _into(statements))
        database._get_trials(2, None, set(range(1, 5000)), 4000)
        counts.append(len(statements))
        for number in range(4, 8):
            _add(study[0], number)
    assert 0 < counts[0] == counts[1] <= 7


def _into(statements):
    def listen(_connection, _cursor, statement, *_):
        statements.append(statement)

    return listen


@pytest.mark.parametrize("n_before", [2, 4, 6])
def test_a_trial_that_ends_while_it_is_read_has_ended_with_all_or_not_yet(
    study, store_url, n_before
):
    """Reading is many statements: a trial without what it ended with would be kept as it is."""
    made, database = study
    worker = optuna.load_study(study_name="s", storage=open_storage(store_url))
    running = next(trial for trial in worker.trials if trial.state == TrialState.RUNNING)

    statements = iter(range(99))

    def end(_connection, _cursor, _statement, *_):
        if next(statements) == n_before:
            worker._storage.set_trial_intermediate_value(running._trial_id, 50, 0.75)
            worker.tell(running.number, 0.5)

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", end)
    (found,) = [each for each in made.get_trials() if each.number == running.number]
    assert next(statements) > n_before
    if found.state == TrialState.COMPLETE:
        assert found.value == 0.5
        assert found.intermediate_values[50] == 0.75
    assert worker.get_trials()[running.number].state == TrialState.COMPLETE
    assert open_storage(store_url).get_trial(running._trial_id).value == 0.5
