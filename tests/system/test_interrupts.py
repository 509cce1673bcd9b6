"""A search that is interrupted keeps what is finished and goes on."""

import json
import signal

import pytest
from _cli import Running, tuner


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.zoo)]
)
def test_an_interrupt_keeps_what_is_finished_and_the_same_command_goes_on(npz, number):
    arguments = ["search", "--data", str(npz), "--trials", "40", "--epochs", "40"]
    arguments += ["--variant", "standard", "--width", "8"]
    search = Running(*arguments)
    search.wait_until_said("\n[2/40]")
    search.send_signal(number)
    done = search.finish()
    assert done.returncode == 130, done.stderr
    assert "the same command goes on" in done.stderr
    counts = json.loads(tuner("status", "three", "--json").stdout)["trials"]
    assert (counts["complete"] >= 2, counts["running"]) == (True, 0)
    again = tuner(*arguments[:3], "--trials", 4, *arguments[5:])
    assert "were finished before" in again.stderr
    assert again.returncode == 0
