"""What goes wrong with a database: one line that says what, where, and what to do."""

import contextlib
import os
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import optuna
import psycopg
import pytest
import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.trial import TrialState

from tuner.errors import StoreError
from tuner.storage import connect, db_errors
from tuner.storage import rdb as databases
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue


def says(words, url, **given):
    with pytest.raises(StoreError, match=words) as caught:
        open_storage(url, **given)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    assert "p{@" not in str(caught.value)
    assert "p%7B" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "store.db"
    made(path).remove_session()
    return path


def made(path):
    study = optuna.create_study(
        storage=open_storage(f"sqlite:///{path}", create=True), study_name="s"
    )
    enqueue(
        study._storage.database,
        study._study_id,
        lambda *_: [optuna.trial.create_trial(state=TrialState.WAITING)] * 3,
    )
    return study._storage


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong"}, "wrong user or password"),
        ({"password": None}, "asks for a password: put it into the URL, or into a file"),
        ({"username": "nobody"}, "wrong user or password"),
        ({"host": "no-such-host.invalid"}, "no such host"),
        ({"port": 1}, "no database answers"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_at_once(postgres, changes, words):
    began = time.monotonic()
    says(words, postgres.url("postgres", **changes), create=True)
    assert time.monotonic() - began < 10


def test_a_database_that_is_not_there_is_named(postgres):
    assert "createdb" in says("no such database", postgres.url("nowhere"), create=True)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgres_and_any_password_will_do(postgres, scheme):
    url = postgres.url().replace("postgresql", scheme, 1)
    open_storage(url, create=True)
    assert open_storage(url).get_all_studies() == []


def test_the_password_may_be_in_a_file(postgres, tmp_path, monkeypatch):
    import _postgres

    (tmp_path / "secret").write_text(_postgres.PASSWORD + "\n")
    monkeypatch.setenv(connect.PASSWORD_FILE, str(tmp_path / "secret"))
    open_storage(postgres.url(password=None), create=True)
    monkeypatch.setenv(connect.PASSWORD_FILE, str(tmp_path / "nowhere"))
    says("nowhere: No such file", postgres.url("postgres", password=None))


def test_an_empty_database_is_not_filled_unasked(postgres):
    url = postgres.url()
    says("the store has no tables; 'tuner init' makes them", url)
    with postgres.connect(url.rpartition("/")[2]) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


@pytest.mark.parametrize("tables", [("invoices",), ("trials",), ("trials", "studies")])
def test_a_database_of_another_application_is_left_alone(empty_url, tables):
    engine = sqlalchemy.create_engine(connect.parse(empty_url))
    with engine.begin() as connection:
        for table in tables:
            connection.exec_driver_sql(f"CREATE TABLE {table} (id INTEGER)")
    says("holds tables of another application", empty_url, create=True)
    assert set(sqlalchemy.inspect(engine).get_table_names()) == set(tables)
    engine.dispose()


def test_a_store_that_lacks_a_table_is_not_mended_silently(file):
    change(file, "DROP TABLE trial_intermediate_values")
    says("it has no table trial_intermediate_values", f"sqlite:///{file}", create=True)


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("v2.6.0.a", "optuna storage upgrade"), ("v9.9.9.z", "pip install -U optuna")],
)
def test_a_store_of_another_schema_says_what_to_do(file, revision, advice):
    change(file, f"UPDATE alembic_version SET version_num = '{revision}'")
    words = says("is no longer compatible with the table schema", f"sqlite:///{file}")
    assert (
        "optuna storage upgrade" if revision == "v2.6.0.a" else "pip install -U optuna"
    ) in words
    assert "back it up first" in words


def change(file, statement):
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_truncated_file_is_damaged(file):
    change(file, "PRAGMA user_version = 1")
    file.write_bytes(file.read_bytes()[:8000])
    with pytest.raises(StoreError, match=r"the database is damaged.*\.recover"):
        open_storage(f"sqlite:///{file}").get_all_studies()


def test_a_file_that_another_process_holds_is_locked(file, monkeypatch):
    monkeypatch.setattr(databases, "LOCKED", 0.3)
    store = open_storage(f"sqlite:///{file}")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"another process has locked it for \d+ s"):
            store.claim(1)
        assert len(store.get_all_trials(1)) == 3
        other.execute("ROLLBACK")
    assert store.claim(1) is not None


def test_a_file_that_is_deleted_or_replaced_meanwhile_is_noticed(file):
    store = open_storage(f"sqlite:///{file}")
    file.rename(file.with_suffix(".old"))
    with pytest.raises(StoreError, match="was deleted or replaced while it was in use"):
        store.claim(1)
    made(file)
    with pytest.raises(StoreError, match="was deleted or replaced while it was in use"):
        store.claim(1)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_named_and_nothing_is_lost(small_disk):
    store = made(small_disk / "store.db")
    trial_id = store.claim(1)
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * (os.statvfs(small_disk).f_bavail * 4096))
    for step in range(200):
        store.set_trial_user_attr(trial_id, f"attr {step}", "x" * 1000)
    with pytest.raises(StoreError, match=r"the disk is full \([\d,]+ bytes free\).*is lost"):
        store.write()
    filler.unlink()
    store.write()
    store.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])
    store.database.engine.dispose()
    again = open_storage(f"sqlite:///{small_disk / 'store.db'}")
    assert again.get_all_trials(1)[0].value == 0.5
    again.database.engine.dispose()


def test_a_disk_that_became_read_only_is_named(small_disk):
    store = made(small_disk / "store.db")
    store.database.engine.dispose()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match="read-only"):
        open_storage(f"sqlite:///{small_disk / 'store.db'}").claim(1)


@pytest.mark.parametrize("pause", [0.0, 2.0])
def test_a_restart_of_the_server_is_outlived(postgres, pause):
    url = postgres.url()
    study = optuna.create_study(storage=open_storage(url, create=True, patience=60), study_name="s")
    enqueue(
        study._storage.database,
        study._study_id,
        lambda *_: [optuna.trial.create_trial(state=TrialState.WAITING)] * 40,
    )
    restart = threading.Timer(0.3, lambda: postgres.restart(pause))
    restart.start()
    numbers = []
    while (trial_id := study._storage.claim(study._study_id)) is not None:
        trial = optuna.trial.Trial(study, trial_id)
        for step in range(3):
            trial.report(step, step)
            study._storage.write()
        study.tell(trial, float(trial.number))
        numbers.append(trial.number)
        time.sleep(0.02)
    restart.join()
    assert numbers == list(range(40))
    plain = open_storage(url).get_all_trials(study._study_id)
    assert [trial.value for trial in plain] == list(range(40))
    assert all(len(trial.intermediate_values) == 3 for trial in plain)


def test_a_connection_that_is_lost_in_mid_read_is_made_anew(postgres):
    url = postgres.url()
    study = optuna.create_study(storage=open_storage(url, create=True, patience=30), study_name="s")
    study.add_trial(optuna.trial.create_trial(value=0.5))
    store, losses = open_storage(url, patience=30), iter([True, True])

    def lose(connection, cursor, statement, *_):
        if "FROM trials" in statement and next(losses, False):
            pid = connection.connection.dbapi_connection.info.backend_pid
            with postgres.connect("postgres") as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    sqlalchemy.event.listen(store.database.engine, "before_cursor_execute", lose)
    assert [trial.value for trial in store.get_all_trials(study._study_id)] == [0.5]
    assert next(losses, "spent") == "spent"


def test_a_second_statement_on_a_lost_connection_is_worth_another_try():
    error = StorageInternalError("invalid data")
    error.__cause__ = sqlalchemy.exc.PendingRollbackError("Can't reconnect until invalid ...")
    assert db_errors.is_passing(error, connect.parse("postgresql://host/store"))
    assert not db_errors.is_passing(error, connect.parse("sqlite:///store.db"))
    error.__cause__ = sqlalchemy.exc.InvalidRequestError("A transaction is already begun")
    assert not db_errors.is_passing(error, connect.parse("postgresql://host/store"))


def test_without_patience_a_restart_ends_in_one_line(postgres):
    store = open_storage(postgres.url(), create=True)
    postgres.stop("immediate")
    try:
        with pytest.raises(StoreError, match=r"no database answers|closed|terminat"):
            store.get_all_studies()
    finally:
        postgres.start()
    assert store.get_all_studies() == []


def test_a_server_that_starts_late_is_waited_for(postgres):
    url = postgres.url()
    open_storage(url, create=True)
    postgres.stop()
    threading.Timer(1.5, postgres.start).start()
    assert open_storage(url, wait=60).get_all_studies() == []


def test_a_server_that_goes_away_while_the_store_is_opened_is_waited_for(postgres, monkeypatch):
    url = postgres.url()
    open_storage(url, create=True)
    open_database, failures = connect.Database, iter([True])

    def fail_once(*given):
        if next(failures, False):
            lost = psycopg.OperationalError("server closed the connection unexpectedly")
            cause = sqlalchemy.exc.OperationalError("SELECT 1", {}, lost)
            raise StorageInternalError("invalid data") from cause
        return open_database(*given)

    monkeypatch.setattr(connect, "Database", fail_once)
    assert open_storage(url, wait=10).get_all_studies() == []
    failures = iter([True])
    with pytest.raises(StoreError, match="server closed the connection"):
        open_storage(url)


def test_a_crowd_of_connections_is_named(postgres):
    url = postgres.url()
    open_storage(url, create=True)
    crowd = []
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            crowd.append(postgres.connect("postgres"))
    try:
        says("no connection left: fewer workers, or a larger max_connections", url)
    finally:
        for connection in crowd:
            connection.close()


def test_the_names_of_optuna_that_are_wrapped_exist_and_its_tables_are_these():
    for name in (*databases._READS, *databases._WRITES):
        assert callable(getattr(RDBStorage, name))
    assert models.SCHEMA_VERSION == 12
    assert "trial_heartbeats" in models.BaseModel.metadata.tables
    assert Path(models.__file__).name == "models.py"
