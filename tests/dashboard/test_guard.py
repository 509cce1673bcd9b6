"""Whom the dashboard lets in, and what it refuses."""

import json

import pytest
from _dashboard import PASSWORD, USER

pytestmark = pytest.mark.slow

LOGIN = (USER, PASSWORD)

PATHS = ["/", "/dashboard", "/api/studies", "/api/studies/1", "/static/bundle.js", "/csv/1"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("login", [None, (USER, "x"), (USER, ""), ("x", PASSWORD)])
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
