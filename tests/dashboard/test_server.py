"""The dashboard as it runs: whom it lets in, what it refuses, how it answers."""

import http.client
import json
import signal
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from _dashboard import PASSWORD, USER, Dashboard
from simulated.stored import make_study
from werkzeug.wrappers import Response

from tuner import sockets
from tuner.dashboard import server
from tuner.dashboard.notes import MARK

pytestmark = pytest.mark.slow

LOGIN = (USER, PASSWORD)


def test_health_needs_neither_login_nor_name(closed):
    assert closed.ask("/healthz", Host="10.0.0.7:8080").status == 200


def test_notes_appear_by_themselves(closed):
    def notes():
        return [
            json.loads(closed.ask(f"/api/studies/{study}", login=LOGIN).body)["note"]["body"]
            for study in (1, 2)
        ]

    end = time.monotonic() + 60
    while not all(notes()) and time.monotonic() < end:
        continue
    assert [note.splitlines()[0] for note in notes()] == [MARK, MARK]


def test_the_contour_of_few_trials_is_drawn(closed):
    assert closed.ask("/api/studies/1/plot/contour", login=LOGIN).status == 200


@pytest.mark.parametrize("path", ["/static/bundle.js", "/favicon.ico"])
def test_a_client_may_say_nothing_of_encodings(closed, path):
    assert closed.ask(path, login=LOGIN, encoding=None).status == 200


def test_an_empty_store_shows_no_study_and_takes_one(opened):
    assert json.loads(opened.ask("/api/studies").body) == {"study_summaries": []}
    body = b'{"study_name": "mine", "directions": ["minimize"]}'
    assert opened.ask("/api/studies", "POST", body=body).status == 201
    shown = json.loads(opened.ask("/api/studies").body)["study_summaries"]
    assert [study["study_name"] for study in shown] == ["mine"]


def test_health_follows_the_database(postgres, tmp_path):
    url = postgres.url()
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o600)
    dashboard = Dashboard(url, "--password-file", secret)
    try:
        assert ":***@" in dashboard.greeting
        make_study(url, 5, 2, name="five")
        shown = json.loads(dashboard.ask("/api/studies", login=LOGIN).body)["study_summaries"]
        assert [study["study_name"] for study in shown] == ["five"]
        assert dashboard.ask("/healthz").status == 200
        postgres.stop("immediate")
        try:
            assert dashboard.ask("/healthz").status == 503
        finally:
            postgres.start()
        assert dashboard.ask("/healthz").status == 200
        assert dashboard.ask("/api/studies", login=LOGIN).status == 200
    finally:
        assert dashboard.end(signal.SIGTERM) == 0


def test_slow_clients_keep_nobody_waiting(closed):
    """200 that have sent half a request, as long as they like."""
    where = closed.url.removeprefix("http://").partition(":")
    slow = [socket.create_connection((where[0], int(where[2]))) for _ in range(200)]
    try:
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nHost: ")
        for path in ("/healthz", "/api/studies", "/"):
            began = time.monotonic()
            assert closed.ask(path, login=LOGIN).status == 200
            assert time.monotonic() - began < 5
    finally:
        for each in slow:
            each.close()


@contextmanager
def serving(application):
    """A server in a thread, without the command."""
    served = server._Server(application, sockets.listen("127.0.0.1", 0))
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    yield served.getsockname()
    served.asyncore.close_all(served._map, ignore_all=True)
    thread.join(30)
    for lane in (served.task_dispatcher, served._health):
        lane.shutdown()


def drip(connection, seconds):
    ended = time.monotonic() + seconds
    while time.monotonic() < ended:
        connection.sendall(b"x")
        time.sleep(0.3)


def test_half_a_request_is_not_waited_for_however_it_drips(monkeypatch):
    monkeypatch.setitem(server._SETTINGS, "channel_timeout", 1)
    monkeypatch.setitem(server._SETTINGS, "cleanup_interval", 1)
    with serving(Response("ok")) as address, socket.create_connection(address) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            drip(slow, seconds=20)


def test_a_body_that_is_too_large_is_not_read(opened):
    host, _, port = opened.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"POST /api/studies HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_health_does_not_wait_for_those_that_are_answered():
    begun, goes_on = threading.Barrier(5), threading.Event()

    def application(environ, start_response):
        if environ["PATH_INFO"] != server.HEALTH:
            begun.wait(30)
            goes_on.wait(30)
        return Response("ok")(environ, start_response)

    with serving(application) as (host, port):
        busy = [threading.Thread(target=status, args=(host, port, "/")) for _ in range(4)]
        for each in busy:
            each.start()
        begun.wait(30)
        assert status(host, port, server.HEALTH) == 200
        goes_on.set()
        for each in busy:
            each.join(30)


def status(host, port, path):
    connection = http.client.HTTPConnection(host, port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
