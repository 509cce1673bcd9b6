"""Database URLs: which stores are opened, and why others are not."""

import contextlib
import os
import sqlite3
import time

import optuna
import pytest
from sqlalchemy.exc import OperationalError

from tuner.errors import StoreError
from tuner.storage import connect
from tuner.storage.connect import open_storage


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store():
    storage = open_storage("sqlite:///store.db", create=True)
    yield storage
    storage._backend.engine.dispose()


def run_sql(path, statement):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def foreign_database(folder):
    run_sql(folder / "foreign.db", "CREATE TABLE invoices (id INTEGER)")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///missing/store.db", "the folder missing does not exist"),
        ("sqlite:///.", "is a folder, not a store"),
        ("sqlite://", "a store in memory would be lost"),
        ("sqlite:///", "a store in memory would be lost"),
        ("sqlite:///:memory:", "a store in memory would be lost"),
        ("sqlite://store.db", "three slashes"),
        ("store.db", "is not a database URL"),
        ("", "is not a database URL"),
        ("nosuchdatabase://host/store", "no driver for this database is installed"),
    ],
)
@pytest.mark.parametrize("create", [False, True], ids=["open", "create"])
def test_url_that_cannot_be_a_store_is_refused(url, words, create):
    with pytest.raises(StoreError, match=words) as caught:
        open_storage(url, create=create)
    assert "\n" not in str(caught.value)


def test_missing_store_is_not_made_unasked(here):
    with pytest.raises(StoreError, match=r"store\.db: no such store; 'tuner search' or"):
        open_storage("sqlite:///store.db")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("create", [False, True], ids=["open", "create"])
def test_file_that_is_no_database_is_refused_and_kept(here, create):
    (here / "notes.txt").write_text("not a database, but rather long\n" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match="the file is damaged or no database"):
        open_storage("sqlite:///notes.txt", create=create)
    assert (here / "notes.txt").read_text(encoding="utf-8").startswith("not a database")


@pytest.mark.parametrize("create", [False, True], ids=["open", "create"])
def test_database_of_another_application_is_refused_and_kept(here, create):
    foreign_database(here)
    with pytest.raises(StoreError, match="holds tables of another application"):
        open_storage("sqlite:///foreign.db", create=create)
    assert run_sql("foreign.db", "SELECT name FROM sqlite_master") == [("invoices",)]


def test_empty_file_has_no_tables(here):
    (here / "store.db").touch()
    with pytest.raises(StoreError, match="the store has no tables; 'tuner init' makes them"):
        open_storage("sqlite:///store.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("place", [".", "store.db"])
def test_store_that_cannot_be_written_is_refused_to_who_writes(store, here, place):
    mode = (here / place).stat().st_mode
    (here / place).chmod(0o555)
    with pytest.raises(StoreError, match="no permission to write"):
        open_storage("sqlite:///store.db", create=True)
    assert open_storage("sqlite:///store.db").get_all_studies() is not None
    (here / place).chmod(mode)


def test_folder_of_the_default_store_is_made(here):
    storage = open_storage("sqlite:///studies/tuner.db", create=True)
    storage._backend.engine.dispose()
    assert (here / "studies" / "tuner.db").is_file()


def test_store_is_found_again(store):
    optuna.create_study(study_name="mine", storage=store)
    again = open_storage("sqlite:///store.db")
    assert [study.study_name for study in again.get_all_studies()] == ["mine"]
    again._backend.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nothing_is_open_once_nobody_has_the_store(kind, request, monkeypatch):
    is_file = kind == "sqlite"
    url = "sqlite:///store.db" if is_file else request.getfixturevalue("postgres").url()
    for owner, left in [(os.getpid(), 0), (os.getpid() + 1, 1)]:
        store = open_storage(url, create=True)
        store.get_all_studies()
        pool = store.database.engine.pool
        assert pool.checkedin() == 1
        with monkeypatch.context() as patched:
            patched.setattr(os, "getpid", lambda owner=owner: owner)
            del store
            assert pool.checkedin() == left, "a fork closes nothing of its parent's"
        pool.dispose()


def test_store_keeps_a_write_ahead_log(store):
    optuna.create_study(storage=store)
    assert run_sql("store.db", "PRAGMA journal_mode") == [("wal",)]


def test_an_option_of_a_url_that_has_another_kind_is_named():
    with pytest.raises(StoreError, match=r"what stands behind '\?': .*float: 'a'"):
        open_storage("sqlite:///store.db?timeout=a", create=True)


def test_a_database_that_is_away_is_waited_for_however_long_it_took_to_find_out(
    monkeypatch, caplog
):
    """The first try imports its driver, and may wait for an address."""
    tries = []

    def look(url):
        tries.append(time.monotonic())
        time.sleep(0.3)
        raise OperationalError("", {}, Exception("connection refused"))

    monkeypatch.setattr(connect, "_tables", look)
    with pytest.raises(StoreError):
        open_storage("postgresql://user@127.0.0.1:1/store", wait=0.25)
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.endswith("; trying again for 0 s")
    assert len(tries) == 2
