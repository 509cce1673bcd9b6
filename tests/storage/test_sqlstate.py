"""Why a server refuses is read in its SQLSTATE, whatever language its messages are in."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import _postgres
import psycopg
import pytest
import sqlalchemy

from tuner.errors import StoreError
from tuner.storage import connect, db_errors, sqlstate
from tuner.storage.url import parse

GERMAN = "de_DE.UTF-8"


@pytest.fixture(scope="module")
def locales():
    """A folder with a German locale, which every process may read; empty where none can be made."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        make = ["localedef", "-i", "de_DE", "-f", "UTF-8", f"{folder}/{GERMAN}"]
        subprocess.run(make, capture_output=True, check=False)
        yield folder


@pytest.fixture(scope="module")
def server(locales):
    if _postgres.binaries() is None:
        pytest.skip("no Postgres on this machine (initdb)")
    language = GERMAN if any(Path(locales).iterdir()) else "C.UTF-8"
    server = _postgres.Server(language, locales, connections=12)
    with server.connect("postgres") as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        connection.execute("CREATE ROLE outcast LOGIN PASSWORD 'outcast'")
        connection.execute("CREATE DATABASE shut")
        connection.execute("REVOKE CONNECT ON DATABASE shut FROM public")
    server.write_hba("host all outcast 127.0.0.1/32 reject")
    yield server
    server.remove()


def failure(url):
    """The error of a connection that is not made."""
    with pytest.raises(sqlalchemy.exc.DBAPIError) as caught:
        sqlalchemy.create_engine(parse(url)).connect()
    return caught.value


@pytest.mark.slow
def test_the_messages_of_the_server_are_not_english(server):
    text = str(failure(server.url("nowhere")))
    if "does not exist" in text:
        pytest.skip("no German here (apt install locales; the catalogues of Postgres)")
    assert "existiert nicht" in text


@pytest.mark.parametrize(
    ("state", "name", "changes", "words"),
    [
        ("28P01", "postgres", {"password": "wrong"}, "wrong user or password"),
        ("28P01", "postgres", {"username": "nobody"}, "wrong user or password"),
        ("28000", "postgres", {"username": "outcast", "password": "outcast"}, "pg_hba.conf"),
        ("3D000", "nowhere", {}, "no such database"),
        ("42501", "shut", {"username": "guest", "password": "guest"}, "may not write there"),
        (sqlstate.NO_PASSWORD, "postgres", {"password": None}, "asks for a password"),
    ],
)
def test_what_lasts_is_told_at_once_though_there_is_time_to_wait(
    server, monkeypatch, state, name, changes, words
):
    monkeypatch.setattr(socket, "getaddrinfo", unknown(socket.getaddrinfo))
    url, began = server.url(name, **changes), time.monotonic()
    error = failure(url)
    assert sqlstate.reason(error.orig, parse(url)) == state
    with pytest.raises(StoreError, match=words):
        connect.open_storage(url, create=True, wait=60)
    assert time.monotonic() - began < 15


def unknown(resolve):
    """A name service that answers though this machine may have none."""

    def answer(host, *given, **named):
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *given, **named)

    return answer


def test_a_crowd_passes(server):
    crowd = []
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            crowd.append(server.connect("postgres"))
    url = server.url("postgres", username="guest", password="guest")
    try:
        error = failure(url)
        assert sqlstate.reason(error.orig, parse(url)) == "53300"
        assert db_errors.is_passing(error, parse(url))
        assert "no connection left" in db_errors.explain(error, parse(url))
    finally:
        for connection in crowd:
            connection.close()


def test_a_server_that_is_down_passes_and_has_no_state(server):
    url = parse(server.url("postgres"))
    server.stop()
    try:
        error = failure(url)
        assert sqlstate.reason(error.orig, url) is None
    finally:
        server.start()
    assert db_errors.is_passing(error, url)


def test_a_server_that_has_come_up_meanwhile_is_no_reason_to_give_up(server):
    url = parse(server.url("postgres"))
    server.stop()
    try:
        error = failure(url)
    finally:
        server.start()
    assert sqlstate.reason(error.orig, url) is None
    assert db_errors.is_passing(error, url)


def test_a_host_without_a_name_is_told_and_waited_for_as_long_as_there_is_time(
    server, monkeypatch, caplog
):
    monkeypatch.setattr(socket, "getaddrinfo", unknown(socket.getaddrinfo))
    url = server.url("postgres", host="no-such-host.invalid")
    assert sqlstate.reason(failure(url).orig, parse(url)) == sqlstate.NO_HOST
    with pytest.raises(StoreError, match="no such host"):
        connect.open_storage(url)
    assert not caplog.records
    with pytest.raises(StoreError, match="no such host"):
        connect.open_storage(url, wait=1)
    assert "no such host; trying again" in caplog.text


def test_a_name_service_that_is_away_passes(monkeypatch):
    def away(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    url = parse("postgresql://database.invalid/store")
    error = failure(url)
    assert db_errors.is_passing(error, url)


@pytest.mark.slow
def test_a_server_that_says_nothing_is_not_waited_for_twice():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = parse(f"postgresql://u:p@127.0.0.1:{port}/store?connect_timeout=2")
        error, began = failure(url), time.monotonic()
        assert db_errors.is_passing(error, url)
        assert time.monotonic() - began < 2
    assert "in time" in db_errors.explain(error, url)


def test_an_option_that_is_wrong_does_not_pass(server):
    url = parse(server.url("postgres") + "?nonsense=1")
    assert not db_errors.is_passing(failure(url), url)


def test_where_nothing_can_be_traced_the_connection_counts_as_lost(server, monkeypatch):
    url = parse(server.url("postgres", password="wrong"))
    error = failure(url)
    monkeypatch.delattr(os, "memfd_create")
    assert sqlstate.reason(error.orig, url) is None
    assert db_errors.is_passing(error, url)


def test_asking_again_leaves_no_open_file(server):
    url = parse(server.url("postgres", password="wrong"))
    error = failure(url)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert sqlstate.reason(error.orig, url) == "28P01"
    assert len(list(Path("/proc/self/fd").iterdir())) == before
