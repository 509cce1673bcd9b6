"""Stores in Postgres: how they are named, and what outlives a restart."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time

import _postgres
import optuna
import psycopg
import pytest
import sqlalchemy
from _claims import claim, in_processes, waiting
from _cutting import Wire
from _stores import says
from optuna.exceptions import StorageInternalError

from tuner.errors import StoreError
from tuner.storage import connect
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.exclusive import exclusive
from tuner.storage.running import running
from tuner.storage.url import PASSWORD_FILE


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgres_and_any_password_will_do(postgres, scheme):
    url = postgres.url().replace("postgresql", scheme, 1)
    open_storage(url, create=True)
    assert open_storage(url).get_all_studies() == []


def test_the_password_may_be_in_a_file(postgres, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text(_postgres.PASSWORD + "\n")
    monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "secret"))
    open_storage(postgres.url(password=None), create=True)
    monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "nowhere"))
    says("nowhere: No such file", postgres.url("postgres", password=None))


def test_an_empty_database_is_not_filled_unasked(postgres):
    url = postgres.url()
    says("the store has no tables; 'tuner init' makes them", url)
    with postgres.connect(url.rpartition("/")[2]) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, pytest.param(2.0, marks=pytest.mark.slow)])
def test_a_restart_of_the_server_is_outlived(postgres, pause):
    url = postgres.url()
    study = optuna.create_study(storage=open_storage(url, create=True, patience=60), study_name="s")
    enqueue(
        study._storage.database,
        study._study_id,
        lambda *_: waiting(40),
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


@pytest.mark.slow
def test_another_server_takes_over_where_a_standby_is_the_first_from_now_on():
    if _postgres.binaries() is None:
        pytest.skip("no Postgres on this machine (initdb)")
    first = _postgres.Server()
    url = first.store()
    second, wire = first.standby(), Wire(first.port)

    def fail_over():
        wire.lead_to(second.port)  # it only reads yet
        first.stop("immediate")
        time.sleep(1)
        second.promote()

    try:
        store = open_storage(wire.url(url), patience=60)
        study = optuna.create_study(storage=store, study_name="s")
        enqueue(store.database, study._study_id, lambda *_: waiting(40))
        strike = threading.Timer(0.3, fail_over)
        strike.start()
        numbers = []
        while (trial := claim(study)) is not None:
            study.tell(trial, float(trial.number))
            numbers.append(trial.number)
            time.sleep(0.02)
        strike.join()
        assert numbers == list(range(40))
        plain = open_storage(second.url(url.rpartition("/")[2]))
        assert [trial.value for trial in plain.get_all_trials(study._study_id)] == numbers
        plain.database.engine.dispose()
    finally:
        wire.stop()
        store.database.engine.dispose()
        for server in (second, first):
            with contextlib.suppress(subprocess.CalledProcessError):
                server.remove()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="no PgBouncer on this machine")
@pytest.mark.parametrize("settings", ["", "ignore_startup_parameters = options"])
def test_a_pooler_that_gives_each_transaction_another_connection_will_do(postgres, settings):
    bouncer = _postgres.Bouncer(postgres, settings)
    try:
        url = postgres.url(port=bouncer.port)
        study = optuna.create_study(storage=open_storage(url, create=True), study_name="s")
        enqueue(study._storage.database, study._study_id, lambda *_: waiting(60))
        claimed = in_processes(4, run_all, url)
        assert sorted(number for numbers in claimed for number in numbers) == list(range(60))
        with postgres.connect(url.rpartition("/")[2]) as other:
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            assert other.execute(locks).fetchone() == (0,)
    finally:
        bouncer.remove()


def run_all(url, barrier, ended):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    barrier.wait(100)
    numbers = []
    with exclusive(url):
        pass
    while (trial := claim(study)) is not None:
        for step in range(8):
            trial.report(float(step), step)
            study._storage.write()
        study.tell(trial, float(trial.number))
        numbers.append(trial.number)
    ended.put(numbers)


def test_a_silent_worker_is_as_old_whatever_the_time_zones_of_sessions(postgres):
    url = postgres.store()
    study = optuna.create_study(storage=open_storage(url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda *_: waiting())
    claim(study)
    with postgres.connect("postgres") as other:
        database = url.rpartition("/")[2]
        other.execute(f"ALTER DATABASE {database} SET timezone = 'Pacific/Auckland'")
    (found,) = running(open_storage(url).database, study._study_id)
    assert 0 <= found.age < 60
    assert found.calm < 3600


def test_a_connection_that_is_lost_in_mid_read_is_made_anew(postgres):
    url = postgres.url()
    study = optuna.create_study(storage=open_storage(url, create=True, patience=30), study_name="s")
    study.add_trial(optuna.trial.create_trial(value=0.5))
    store, losses, lost = open_storage(url, patience=30), iter([True, True]), []

    def lose(connection, cursor, statement, *_):
        if "FROM trials" in statement and next(losses, False):
            pid = connection.connection.dbapi_connection.info.backend_pid
            lost.append(cursor)
            with postgres.connect("postgres") as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    sqlalchemy.event.listen(store.database.engine, "before_cursor_execute", lose)
    assert [trial.value for trial in store.get_all_trials(study._study_id)] == [0.5]
    assert next(losses, "spent") == "spent"
    assert [cursor.closed for cursor in lost] == [True, True]


def test_a_host_whose_name_is_gone_is_waited_for(postgres, monkeypatch):
    """As that of a container while it is away."""
    url = postgres.url()
    store, before, asked = open_storage(url, create=True, patience=30), socket.getaddrinfo, []

    def unknown(*given, **others):
        asked.append(given)
        if len(asked) < 3:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return before(*given, **others)

    failures = iter([True] * 2)

    def fails(connection):
        if next(failures, False):
            raise sqlalchemy.exc.OperationalError("SELECT 1", {}, psycopg.OperationalError("away"))
        return connection.execute(sqlalchemy.text("SELECT 7")).scalar_one()

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert store.database.run(fails) == 7
    assert len(asked) == 2
    hasty = open_storage(url)
    failures, asked[:] = iter([True]), []
    with pytest.raises(StoreError, match="no such host"):
        hasty.database.run(fails)


def test_without_patience_a_restart_ends_in_one_line(postgres):
    store = open_storage(postgres.url(), create=True)
    postgres.stop("immediate")
    try:
        with pytest.raises(StoreError, match=r"no database answers|closed|terminat"):
            store.get_all_studies()
    finally:
        postgres.start()
    assert store.get_all_studies() == []


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_a_role_that_may_only_read_reads(postgres):
    url = postgres.store()
    optuna.create_study(storage=open_storage(url), study_name="s")
    name = url.rpartition("/")[2]
    with postgres.connect(name) as connection:
        connection.execute("CREATE ROLE looker LOGIN PASSWORD 'looks'")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
    store = open_storage(postgres.url(name, username="looker", password="looks"))
    assert [study.study_name for study in store.get_all_studies()] == ["s"]
    with pytest.raises(StoreError, match="this user may not write there"):
        store.set_study_user_attr(store.get_study_id_from_name("s"), "a", 1)


@pytest.mark.slow
@pytest.mark.skipif(
    _postgres.binaries() is None or shutil.which("openssl") is None,
    reason="no Postgres (initdb) or no openssl on this machine",
)
def test_connections_are_encrypted_and_the_server_is_who_it_says(tmp_path):
    server = _postgres.Server()
    try:
        url = server.url()
        says("server does not support SSL, but SSL was required", f"{url}?sslmode=require")
        own, other = server.encrypt()
        known = f"{url}?sslmode=verify-full&sslrootcert={own}"
        store = open_storage(known, create=True)
        encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        with store.database.engine.begin() as connection:
            assert connection.execute(sqlalchemy.text(encrypted)).scalar() is True
        store.database.engine.dispose()
        says("certificate verify failed", f"{url}?sslmode=verify-full&sslrootcert={other}")
        says("does not exist", f"{url}?sslmode=verify-full&sslrootcert={tmp_path / 'none.crt'}")
        stranger = server.url(url.rpartition("/")[2], host="localhost")
        says("does not match host name", f"{stranger}?sslmode=verify-full&sslrootcert={own}")
    finally:
        server.remove()
