"""The dashboard as it runs: whom it lets in, what it refuses, how it answers."""

import json
import signal
import time

import pytest
from _dashboard import PASSWORD, USER, Dashboard
from simulated.stored import make_study

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
