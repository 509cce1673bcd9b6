"""The composition as an engine; a real one is in tests/system/compose/test_compose.py."""

import json

import pytest

from tuner.errors import UsageError
from tuner.launch.compose import Compose
from tuner.launch.engine import Launch

ROWS = [
    {"Name": "/p-worker-1", "State": {"Status": "running", "ExitCode": 0}},
    {"Name": "/p-worker-2", "State": {"Status": "exited", "ExitCode": 0}},
    {"Name": "/p-worker-3", "State": {"Status": "exited", "ExitCode": 3}},
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yml").touch()
    (tmp_path / "docker-compose.gpu.yml").touch()


def test_it_is_brought_up_with_so_many_workers(here, programs, order):
    programs.add("docker")
    assert Compose().start(order(4, gpus=1, memory=512, project="p")) == ("worker",)
    files = "--file docker-compose.yml --file docker-compose.gpu.yml"
    up = "up --detach --no-recreate --scale worker=4"
    assert programs.told("docker") == ["compose version", f"compose --project-name p {files} {up}"]


def test_containers_are_shown_and_stopped(programs):
    programs.add("docker", says=json.dumps(ROWS))
    launch = Launch("compose", "mine", 3, ("worker",), "far")
    found = [(each.id, each.condition) for each in Compose().state(launch)]
    assert found[0] == ("p-worker-1", "running")
    assert [condition for _, condition in found] == ["running", "ended", "failed"]
    Compose().stop(launch)
    told, compose = programs.told("docker"), "--context far compose --file docker-compose.yml"
    assert told[1] == f"{compose} ps --all --quiet worker"
    assert told[-1] == f"{compose} stop worker"


def test_what_the_file_says_is_not_an_option(here, order, tmp_path):
    for given in (order(cores=2), order(seconds=60)):
        with pytest.raises(UsageError, match="the file of the composition"):
            Compose().start(given)
    (tmp_path / "docker-compose.yml").unlink()
    with pytest.raises(UsageError, match=r"no docker-compose\.yml here"):
        Compose().start(order())
