"""A search that is interrupted keeps what is finished and goes on."""

import json
import signal
import subprocess
import sys

import pytest


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tuner(*arguments, timeout=120, **settings):
    command = [sys.executable, "-m", "tuner", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, **settings
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.zoo)]
)
def test_an_interrupt_keeps_what_is_finished_and_the_same_command_goes_on(npz, number):
    arguments = ["search", "--data", str(npz), "--trials", "40", "--epochs", "40"]
    arguments += ["--variant", "standard", "--width", "8"]
    command = [sys.executable, "-m", "tuner", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("[2/40]"):
                process.send_signal(number)
                break
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "the same command goes on" in rest
    counts = json.loads(tuner("status", "three", "--json").stdout)["trials"]
    assert (counts["complete"] >= 2, counts["running"]) == (True, 0)
    again = tuner(*arguments[:3], "--trials", 4, *arguments[5:])
    assert "were finished before" in again.stderr
    assert again.returncode == 0
