"""tuner dashboard: what it refuses to serve, and what it writes once."""

import socket

import pytest
from click.testing import CliRunner
from optuna_dashboard import get_note
from simulated.stored import make_study

from tuner.cli.main import cli, run
from tuner.dashboard.notes import MARK
from tuner.study.studies import load_study


@pytest.fixture
def store(tmp_path):
    return make_study(f"sqlite:///{tmp_path}/s.db", 150, 4)


def test_refresh_writes_once_and_ends(store):
    url = store.database.place.render_as_string(hide_password=False)
    asked = ["dashboard", "--refresh", "--storage", url]
    done = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert done.stdout == "renewed: simulated\n"
    assert get_note(load_study("simulated", store)).startswith(MARK)
    assert CliRunner().invoke(cli, asked).stdout == "everything is as it was\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "tuner.example.org"])
def test_other_machines_are_served_with_a_login_only(host, tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/new.db"
    assert run(["dashboard", "--storage", url, "--host", host]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"Error: --host {host} serves other machines, which needs a --password-file"
    ]


def test_a_port_that_is_taken_is_said_so(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/new.db"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["dashboard", "--storage", url, "--port", port]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cannot listen on port {port}" in line
