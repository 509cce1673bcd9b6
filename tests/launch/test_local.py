"""Processes of this machine as workers."""

import sys

import pytest
from _waiting import wait_for

from tuner.errors import UsageError
from tuner.launch.engine import Launch
from tuner.launch.local import Local

PROGRAM = """#!/bin/sh
echo "$*" "$TUNER_STORAGE" "${CUDA_VISIBLE_DEVICES-all}"
trap 'echo told; exit' TERM
sleep 60 & wait
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    path = tmp_path / "program"
    path.write_text(PROGRAM)
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


def test_they_run_until_they_are_told_to_end(program, order):
    engine, given = Local(), order(2, gpus=1, seconds=90)
    launch = Launch("local", "mine", 2, engine.start(given))
    logs = [given.folder / "logs" / f"worker-{index}.log" for index in range(2)]
    try:
        assert [each.condition for each in engine.state(launch)] == ["running"] * 2
        wait_for(lambda: all(log.read_text() for log in logs))
    finally:
        engine.stop(launch)
    assert [each.condition for each in engine.state(launch)] == ["ended"] * 2
    said = "-m tuner worker mine --max-time 90 postgresql://me@db/tuner"
    assert [log.read_text() for log in logs] == [f"{said} {index}\ntold\n" for index in range(2)]


def test_another_process_of_the_same_id_is_not_ours(order):
    import os

    launch = Launch("local", "mine", 1, (f"{os.getpid()}:1",))
    assert [each.condition for each in Local().state(launch)] == ["ended"]
    Local().stop(launch)


def test_two_may_share_a_gpu(order):
    lines = Local().render(order(4, gpus=0.5)).splitlines()
    assert [line.split()[0] for line in lines] == [
        f"CUDA_VISIBLE_DEVICES={n}" for n in (0, 0, 1, 1)
    ]
    assert Local().render(order(1)) == "tuner worker mine"


def test_what_it_cannot_do_it_refuses(order):
    with pytest.raises(UsageError, match="memory"):
        Local().start(order(memory=1024))
    with pytest.raises(UsageError, match="unknown setting 'partition'"):
        Local().start(order(partition="gpu"))
