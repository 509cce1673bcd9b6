"""`tuner store serve` as a process: killed in the middle of a tell, and behind a certificate."""

import asyncio
import shutil
import socket
import subprocess
import threading

import pytest
from _cli import Running, tuner
from _served import Process, token_file
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from tuner.cli.main import run
from tuner.errors import StoreError
from tuner.server import serving
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.token import TOKEN_FILE, make_token, read_token


@pytest.fixture
def url(tmp_path, new_store, monkeypatch):
    monkeypatch.setenv(TOKEN_FILE, str(token_file(tmp_path)))
    return new_store(tmp_path / "store.db")


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_is_killed_in_the_middle_of_a_tell_loses_and_doubles_nothing(
    url, tmp_path, when
):
    served, told = Process(url, tmp_path), open_storage(url)
    try:
        store = open_storage(served.url, wait=30, patience=60)
        study_id = store.create_new_study([StudyDirection.MAXIMIZE], "s")
        waiting = [create_trial(state=TrialState.WAITING)] * 2
        enqueue(store.database, study_id, lambda *_: waiting)
        trial_id = store.claim(study_id)
        store.set_trial_intermediate_value(trial_id, 1, 0.5)
        (tmp_path / "die").write_text(f"{when} finish")
        assert _told_meanwhile(served, store, trial_id)
        assert not (tmp_path / "die").exists()
        first, second = told.get_all_trials(study_id)
        assert (first.state, first.values, first.intermediate_values) == (
            TrialState.COMPLETE,
            [0.75],
            {1: 0.5},
        )
        assert second.state == TrialState.WAITING
    finally:
        served.kill()


def _told_meanwhile(served, store, trial_id):
    """Tell the value of a trial, while somebody starts the server again."""
    ended = threading.Event()

    def revive():
        while not ended.wait(0.2):
            served.revive()

    thread = threading.Thread(target=revive)
    thread.start()
    try:
        return store.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.75])
    finally:
        ended.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_with_a_certificate_only_those_who_know_it_are_led_there(url, tmp_path, monkeypatch):
    made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    made += " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    subprocess.run(["openssl", *made.split()], cwd=tmp_path, check=True, capture_output=True)
    served = Process(url, tmp_path, "--cert", "cert.pem", "--key", "key.pem")
    try:
        assert served.url.startswith("tuner+https://127.0.0.1:")
        with pytest.raises(StoreError, match="certificate"):
            open_storage(served.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert open_storage(served.url).get_all_studies() == []
        with pytest.raises(StoreError):
            open_storage(served.url.replace("https", "http"))
    finally:
        served.kill()


def test_who_cannot_be_led_to_the_store_is_not_kept_waiting(tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    leading = serving._unwrap(listener, None, str(tmp_path / "nobody"))
    threading.Thread(target=lambda: asyncio.run(leading), daemon=True).start()
    with socket.create_connection(listener.getsockname(), timeout=10) as client:
        assert client.recv(1) == b""


def test_a_token_is_made_for_its_owner_alone(tmp_path):
    path = tmp_path / "token"
    make_token(path)
    token = read_token(path)
    make_token(path)
    assert read_token(path) == token
    assert len(token) > 40
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_what_cannot_be_served_is_one_line(tmp_path, monkeypatch, new_store):
    monkeypatch.chdir(tmp_path)
    new_store(tmp_path / "store.db")
    (tmp_path / "token").write_text("short")
    (tmp_path / "token").chmod(0o644)
    given = ("store", "serve", "--storage", "sqlite:///store.db", "--port", "0")
    refused = tuner(*given, "--token-file", "token")
    assert refused.returncode == 3
    assert "chmod 600" in refused.stderr.splitlines()[-1]
    assert tuner(*given, "--cert", "a.pem").returncode == 2


@pytest.mark.slow
def test_workers_that_know_no_database_run_a_study(url, tmp_path, npz):
    served = Process(url, tmp_path)
    small = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "4"]
    try:
        command = ["submit", "--data", npz, "--name", "mine", *small]
        assert tuner(*command, "--storage", served.url, cwd=tmp_path).returncode == 0
        worker = ["worker", "mine", "--storage", served.url, "--metrics-port"]
        begun = [Running(*worker, free_port(), cwd=tmp_path) for _ in range(2)]
        assert [each.wait(200) for each in begun] == [0, 0]
        store = open_storage(served.url)
        connections = store.served._pool
        assert len(connections.pools) == 1
        del store
        assert len(connections.pools) == 0, "nobody has the store"
        trials = open_storage(url).get_all_trials(1)
        assert [each.state for each in trials] == [TrialState.COMPLETE] * 4
        assert {len(each.intermediate_values) for each in trials} == {2}
    finally:
        served.kill()


def test_a_port_beyond_the_last_is_refused(capsys):
    assert run(["store", "serve", "--port", "99999"]) == 2
    assert "99999 is not in the range" in capsys.readouterr().err


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])
