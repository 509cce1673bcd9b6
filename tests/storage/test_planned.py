"""Many trials that came at once are read in no more time than others, whatever Postgres thinks."""

import optuna
import pytest
import sqlalchemy
from optuna.distributions import FloatDistribution, distribution_to_json
from optuna.trial import TrialState

from tuner.storage import tables
from tuner.storage.connect import open_storage
from tuner.storage.known import Known
from tuner.storage.tables import PARAMS, REPORTS, TRIALS

N, N_STEPS = 4000, 10


def fill(connection, study_id):
    """Trials of a param and ten reports each; half of them are pruned."""
    states = (TrialState.COMPLETE, TrialState.PRUNED)
    made = [{"study_id": study_id, "number": n, "state": states[n % 2]} for n in range(N)]
    ids = connection.execute(TRIALS.insert().returning(TRIALS.c.trial_id), made).scalars().all()
    drawn = {"param_name": "x", "param_value": 0.5}
    drawn["distribution_json"] = distribution_to_json(FloatDistribution(0, 1))
    connection.execute(PARAMS.insert(), [{"trial_id": each, **drawn} for each in ids])
    value = {"intermediate_value": 0.5, "intermediate_value_type": "FINITE"}
    reports = [{"trial_id": i, "step": step, **value} for i in ids for step in range(N_STEPS)]
    connection.execute(REPORTS.insert(), reports)
    return ids


@pytest.fixture
def database(postgres):
    """A store whose statistics are of a moment when nobody saw the trials: pages, but no rows."""
    store = open_storage(postgres.store())
    study = optuna.create_study(study_name="s", storage=store)
    engine = store.database.engine
    with engine.begin() as connection:
        fill(connection, study._study_id)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
            for table in (TRIALS, PARAMS, REPORTS):
                other.execute(sqlalchemy.text(f"VACUUM {table.name}"))
    return store.database


@pytest.mark.slow
def test_they_are_read_as_others_are(database):
    sqlalchemy.event.listen(database.engine, "begin", hurry)
    found = database._get_trials(1, None, set(), -1)
    assert len(found) == N
    assert all(len(trial.intermediate_values) == N_STEPS for trial in found)
    known = Known(database, 1)
    known.read()
    assert len(known.all) == N
    with pytest.raises(sqlalchemy.exc.OperationalError, match="statement timeout"):
        joined(database)  # where tables are joined they are not


def hurry(connection):
    connection.exec_driver_sql("SET LOCAL statement_timeout = 2000")


def joined(database):
    ids = sqlalchemy.select(TRIALS.c.trial_id).where(TRIALS.c.study_id == 1)
    asked = sqlalchemy.select(REPORTS).where(REPORTS.c.trial_id.in_(ids))
    with database.engine.begin() as connection:
        connection.execute(asked).all()


def test_any_number_of_ids_is_one_parameter(store_url):
    store = open_storage(store_url)
    optuna.create_study(storage=store).ask()
    with store.database.engine.connect() as connection:
        for ids, n in (([], 0), ([1], 1), (range(70_000), 1), (range(2, 70_000), 0)):
            named = tables.one_of(connection, TRIALS.c.trial_id, ids)
            asked = sqlalchemy.select(TRIALS.c.trial_id).where(named)
            assert len(connection.execute(asked).all()) == n
