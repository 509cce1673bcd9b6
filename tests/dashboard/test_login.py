"""The login of the dashboard."""

import pytest
from click.testing import CliRunner
from werkzeug.datastructures import Authorization

from tuner.cli.main import cli
from tuner.dashboard.login import Brake, Login, Token, read_login
from tuner.errors import UsageError

WORDS = "correct horse"


def given(user="me", password=WORDS, kind="basic"):
    return Authorization(kind, {"username": user, "password": password})


@pytest.fixture(scope="module")
def hashed():
    """What `tuner dashboard --hash-password` prints."""
    done = CliRunner().invoke(cli, ["dashboard", "--hash-password"], input=f"{WORDS}\n{WORDS}\n")
    assert WORDS not in done.stdout
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture(params=["plain", "hashed"])
def login(request):
    password = request.getfixturevalue("hashed") if request.param == "hashed" else WORDS
    return Login("me", password)


def test_only_user_and_password_together_are_admitted(login):
    for _ in range(2):  # what was admitted once is known again, and nothing else with it
        assert login.admits(given())
        assert not login.admits(given(password=WORDS.upper()))
        assert not login.admits(given(password=""))
        assert not login.admits(given(user="you"))
        assert not login.admits(given(kind="digest"))
        assert not login.admits(None)


def test_the_hash_itself_is_no_password(hashed):
    assert not Login("me", hashed).admits(given(password=hashed))


def test_a_password_is_read_from_a_file_or_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(f"{WORDS}\n")
    file.chmod(0o600)
    assert read_login("me", file).admits(given())
    assert read_login("me", None) is None
    monkeypatch.setenv("TUNER_PASSWORD", WORDS)
    assert read_login("me", None).admits(given())


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_password_file_without_a_password_is_refused(tmp_path, content):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match="the password file"):
        read_login("me", file)


def test_a_password_that_everybody_can_read_is_refused(tmp_path):
    file = tmp_path / "secret"
    file.write_text(WORDS)
    file.chmod(0o604)
    with pytest.raises(UsageError, match="can be read by everybody: chmod"):
        read_login("me", file)


def test_a_token_admits_its_word_only():
    token = Token()
    assert token.admits(token.word)
    assert not token.admits(token.word[:-1])
    assert not token.admits(None)
    assert token.word != Token().word


def test_a_brake_lets_few_tries_through_and_stops_nobody_else():
    now = [100.0]
    brake = Brake(burst=3, a_second=0.5, clock=lambda: now[0])
    for _ in range(3):
        assert not brake.is_on("1.2.3.4")
        brake.count("1.2.3.4")
    assert brake.is_on("1.2.3.4")
    assert not brake.is_on("5.6.7.8")
    now[0] += 2
    assert not brake.is_on("1.2.3.4")
    brake.count("1.2.3.4")
    assert brake.is_on("1.2.3.4")
    now[0] += 1000
    tries = 0
    while not brake.is_on("1.2.3.4"):
        brake.count("1.2.3.4")
        tries += 1
    assert tries == 3
