"""What goes wrong with a database: one line that says what, where, and what to do."""

import contextlib
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import sqlalchemy
from _stores import made, says
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.trial import TrialState

from tuner.errors import StoreError
from tuner.storage import connect, connections, db_errors
from tuner.storage.calls import READS, WRITES
from tuner.storage.connect import open_storage


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "store.db"
    made(path).remove_session()
    return path


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
    [
        ("v2.6.0.a", "of an older Optuna: 'tuner store upgrade' brings them to this one"),
        ("v9.9.9.z", "of a newer Optuna: pip install --upgrade optuna"),
    ],
)
def test_a_store_of_another_schema_says_what_to_do(file, revision, advice):
    change(file, f"UPDATE alembic_version SET version_num = '{revision}'")
    says(advice, f"sqlite:///{file}")


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
    monkeypatch.setattr(connections, "LOCKED", 0.3)
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


def test_a_second_statement_on_a_lost_connection_is_worth_another_try():
    error = StorageInternalError("invalid data")
    error.__cause__ = sqlalchemy.exc.PendingRollbackError("Can't reconnect until invalid ...")
    assert db_errors.is_passing(error, connect.parse("postgresql://host/store"))
    assert not db_errors.is_passing(error, connect.parse("sqlite:///store.db"))
    error.__cause__ = sqlalchemy.exc.InvalidRequestError("A transaction is already begun")
    assert not db_errors.is_passing(error, connect.parse("postgresql://host/store"))


def test_the_names_of_optuna_that_are_wrapped_exist_and_its_tables_are_these():
    for name in (*READS, *WRITES):
        assert callable(getattr(RDBStorage, name))
    assert models.SCHEMA_VERSION == 12
    assert "trial_heartbeats" in models.BaseModel.metadata.tables
    assert Path(models.__file__).name == "models.py"
