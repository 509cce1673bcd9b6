"""Whom the dashboard lets in, and what it refuses."""

import gzip
import json
import logging

import pytest
from _dashboard import PASSWORD, USER
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tuner.dashboard import guard
from tuner.dashboard.guard import Guard, Rules
from tuner.dashboard.login import Brake, Login, Token

pytestmark = pytest.mark.slow

LOGIN = (USER, PASSWORD)

PATHS = ["/", "/dashboard", "/api/studies", "/api/studies/1", "/static/bundle.js", "/csv/1"]


@pytest.mark.parametrize(
    ("path", "login"),
    [*((path, None) for path in PATHS), ("/", (USER, "x")), ("/api/studies", ("x", PASSWORD))],
)
def test_nothing_is_shown_without_the_right_login(closed, path, login):
    answer = closed.ask(path, login=login)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert len(answer.body) < 100


@pytest.mark.parametrize("path", PATHS[1:])
def test_the_right_login_is_let_in(closed, path):
    assert closed.ask(path, login=LOGIN).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
def test_a_read_only_dashboard_refuses_to_write(closed, method):
    answer = closed.ask("/api/studies/1", method, login=LOGIN, body=b"{}")
    assert answer.status == 403
    assert "read-only" in json.loads(answer.body)["reason"]
    assert closed.ask("/api/studies/1", login=LOGIN).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "x@localhost", ""]
)
def test_another_host_name_is_refused(closed, host):
    assert closed.ask("/api/studies", login=LOGIN, Host=host).status == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:1", "[::1]:8080"])
def test_this_machine_has_several_names(closed, host):
    assert closed.ask("/api/studies", login=LOGIN, Host=host).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/../index.html",
        "/artifacts/1/../../etc/passwd",
        "/artifacts/1/..%2f..%2fstore.db",
    ],
)
def test_no_path_leads_out_of_the_folder(closed, path):
    answer = closed.ask(path, login=LOGIN)
    assert answer.status in (403, 404)
    assert b"root:" not in answer.body


def test_a_file_of_the_folder_would_be_found(closed):
    assert closed.ask("/static/../public/bundle.js", login=LOGIN).status == 200


@pytest.mark.parametrize("path", ["/dashboard", "/api/studies", "/static/bundle.js", "/nothing"])
def test_every_answer_tells_the_browser_to_be_careful(closed, path):
    for login in (None, LOGIN):
        headers = closed.ask(path, login=login).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        (policy,) = headers.get_all("Content-Security-Policy")
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy


def test_an_artifact_is_a_file_to_keep_and_not_a_page(closed):
    study = json.loads(closed.ask("/api/studies/1", login=LOGIN).body)
    answer = closed.ask(f"/artifacts/1/{study['artifacts'][0]['artifact_id']}", login=LOGIN)
    assert answer.status == 200
    assert b"<script>" in answer.body
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_the_contour_of_many_trials_is_refused(closed, end):
    answer = closed.ask(f"/api/studies/2/plot/contour{end}", login=LOGIN)
    assert answer.status == 403
    assert "500 trials" in json.loads(answer.body)["reason"]


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_write(opened, sent):
    body = b'{"study_name": "theirs", "directions": ["minimize"]}'
    assert opened.ask("/api/studies", "POST", body=body, **sent).status == 403
    assert b"theirs" not in opened.ask("/api/studies").body


def test_its_own_pages_can_write(opened):
    for name, sent in (("a", {"Sec_Fetch_Site": "same-origin"}), ("b", {"Origin": opened.url})):
        body = json.dumps({"study_name": name, "directions": ["minimize"]}).encode()
        assert opened.ask("/api/studies", "POST", body=body, **sent).status == 201


class Visitor(Client):
    def open(self, *args, **kwargs):
        return super().open(*args, **kwargs, environ_base={"REMOTE_ADDR": "127.0.0.1"})


def guarded(*, count=0, brake=None, answer=None, **rules):
    """Somebody who asks a dashboard that answers "here"."""
    application = answer or Response("here")
    rules = Rules(hosts=("localhost",), **rules)
    return Visitor(Guard(application, rules, lambda: True, lambda _: count, brake or Brake()))


def basic(password=PASSWORD):
    return {"auth": (USER, password)}


def test_who_has_the_address_with_its_token_is_let_in_and_known_then():
    token = Token()
    client = guarded(token=token)
    assert client.get("/").status_code == 401
    assert client.get("/?token=x").status_code == 401
    shown = client.get(f"/studies/a?token={token.word}")
    assert (shown.status_code, shown.headers["Location"]) == (302, "/studies/a")
    assert "HttpOnly" in shown.headers["Set-Cookie"]
    assert "SameSite=Strict" in shown.headers["Set-Cookie"]
    assert client.get("/").text == "here"
    assert guarded(token=token).get("/", auth=None).status_code == 401
    bearer = {"Authorization": f"Bearer {token.word}"}
    assert guarded(token=token).get("/", headers=bearer).text == "here"


def test_guesses_are_braked_and_whoever_has_logged_in_is_not():
    login, token = Login(USER, PASSWORD), Token()
    client = guarded(login=login, token=token, brake=Brake(2, 0.001))
    assert client.get("/", **basic()).text == "here"
    stranger = Visitor(client.application)
    codes = [stranger.get("/", **basic("guess")).status_code for _ in range(4)]
    assert codes == [401, 401, 429, 429]
    assert client.get("/").text == "here"


def test_a_cookie_of_an_earlier_start_is_renewed():
    client = guarded(login=Login(USER, PASSWORD), token=Token(), brake=Brake(2, 0.001))
    client.set_cookie("tuner-80", "of an earlier start")
    assert client.get("/").status_code == 401
    assert client.get("/", **basic()).text == "here"
    assert client.get("/").text == "here"


def test_wrong_passwords_are_logged_and_never_shown(caplog):
    client = guarded(login=Login(USER, PASSWORD), token=Token())
    client.get("/", **basic("gue\nss"))
    assert "wrong user or password from 127.0.0.1" in caplog.text
    assert "gue" not in caplog.text


def test_every_answer_is_logged_where_that_is_asked_for(caplog):
    caplog.set_level(logging.INFO)
    guarded(logs=True).get("/a%0Ab")
    (line,) = [each.getMessage() for each in caplog.records if each.name == "tuner"]
    assert line.startswith("127.0.0.1 GET /a\\nb 200 4 bytes")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/studies/1/plot/contour", guard.MOST_CONTOUR_TRIALS),
        ("/api/studies/1", guard.MOST_TRIALS),
        ("/api/studies/1/plot/rank", guard.MOST_TRIALS),
        ("/api/studies/1/param_importances", guard.MOST_TRIALS),
        ("/csv/1", guard.MOST_TRIALS),
    ],
)
def test_what_would_take_gigabytes_is_refused(path, most):
    assert guarded(count=most).get(path).status_code == 200
    refused = guarded(count=most + 1).get(path)
    assert refused.status_code == 403
    assert f"more than {most} trials" in refused.json["reason"]


def test_what_is_no_json_is_not_taken():
    client = guarded(writable=True)
    assert client.post("/api/studies", data=b"<x>", content_type="text/xml").status_code == 415
    assert client.post("/api/studies", data=b"{}", content_type="application/json").text == "here"


def test_long_text_is_compressed_for_who_takes_that():
    long = Response("a" * 5_000, mimetype="text/html")
    sent = guarded(answer=long).get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(sent.data) == b"a" * 5_000
    assert int(sent.headers["Content-Length"]) == len(sent.data) < 100
    assert guarded(answer=long).get("/").data == b"a" * 5_000
