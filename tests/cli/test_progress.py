"""What is said of a study while it runs: the time left, the bar, status --watch."""

import io
import os
import pty
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from tuner.cli.main import run
from tuner.cli.progress import Bar, Lines, bars, listening
from tuner.study.definition import StudyDefinition
from tuner.study.eta import Eta
from tuner.study.formatting import duration
from tuner.study.results import Results, TrialRow
from tuner.study.trial_queue import Counts


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def row(number, state="COMPLETE", n_epochs=10, value=0.9, **more):
    params = {"variant": "standard", "rate": 0.5, "width": 64}
    return TrialRow(number, state, value, value, params, n_epochs=n_epochs, **more)


def study(*rows, budget=10):
    counts = Counts(
        complete=sum(r.state == "COMPLETE" for r in rows),
        pruned=sum(r.state == "PRUNED" for r in rows),
        failed=sum(r.state == "FAIL" for r in rows),
    )
    best = next((r for r in rows if r.state == "COMPLETE"), None)
    definition, attrs = StudyDefinition(name="mine"), {"budget": budget}
    return Results(definition, "accuracy", "maximize", counts, rows, {}, best, (), attrs)


def test_the_time_left_follows_from_epochs_not_from_trials():
    clock = Clock()
    eta = Eta(clock)
    eta.begin(0, 10, 20)
    assert eta.seconds_left is None
    clock.now = 5.0
    eta.epoch(0, 5)
    assert eta.seconds_left == pytest.approx(10 * 20 - 5)
    clock.now = 20.0
    eta.epoch(0, 20)
    eta.trial(study(row(0, n_epochs=20)), 0, 1)
    assert eta.seconds_left == pytest.approx(9 * 20)
    clock.now = 25.0
    pruned = study(row(0, n_epochs=20), row(1, "PRUNED", n_epochs=5))
    eta.trial(pruned, 1, 2)
    assert eta.seconds_left == pytest.approx(8 * 12.5)


def test_epochs_of_several_workers_count_together():
    clock = Clock()
    eta = Eta(clock)
    eta.begin(4, 10, 10)
    clock.now = 3.0
    for number in range(3):
        eta.epoch(number, 3)
    assert eta.seconds_left == pytest.approx((6 * 10 - 9) / 3)


def test_a_study_that_is_finished_or_grows_has_its_time():
    clock = Clock()
    eta = Eta(clock)
    eta.begin(0, 1, 10)
    clock.now = 10.0
    eta.trial(study(row(0), budget=1), 0, 1)
    assert eta.seconds_left == 0
    eta.trial(study(row(0), row(1), budget=4), 1, 2)
    assert eta.budget == 4
    assert eta.seconds_left == pytest.approx(10)


def test_durations_are_said_as_people_do():
    assert [duration(s) for s in (None, 5.4, 600, 7200)] == ["?", "5 s", "10 min", "2.0 h"]


def screen(width=160):
    return Console(file=io.StringIO(), force_terminal=True, width=width, _environ={})


def test_a_bar_shows_the_whole_study_and_what_went_wrong():
    console = screen()
    with bars(console) as progress:
        bar = Bar(progress, "mine")
        bar.begin(Counts(), 10, 10)
        found = study(row(0), row(1, "PRUNED"), row(2, "FAIL", n_epochs=3), budget=10)
        bar.trial(found, 1, 2)
        bar.epoch(3, 4, 0.5)
        progress.refresh()
    shown = console.file.getvalue()
    assert "mine" in shown
    assert "2/10" in shown
    assert "ETA 0 s | 1 pruned, 1 failed | best 0.9000: standard, rate 0.5, width 64" in shown
    assert "trial 3 epoch 4" in shown


def test_a_pipe_gets_lines_that_name_the_study_where_there_are_many(capsys):
    with listening(quiet=False, of_many=True) as listen:
        listen("mine").notice("hello")
    with listening(quiet=True) as listen:
        listen("mine").notice("not this")
    assert capsys.readouterr().err == "mine hello\n"


def test_a_line_tells_how_a_trial_ended(capsys):
    lines = Lines()
    lines.begin(Counts(), 10, 10)
    lines.trial(study(row(0), row(1, "FAIL", error="ValueError: no")), 1, 1)
    shown = capsys.readouterr().err
    assert shown.startswith("[1/10] trial 1 fail ValueError: no: standard, rate 0.5")


@pytest.fixture
def searched(tmp_path, monkeypatch, npz):
    monkeypatch.chdir(tmp_path)
    flags = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "2"]
    assert run(["search", "--name", "mine", "--data", str(npz), "-q", *flags]) == 0


def test_status_watch_ends_with_the_study(searched, capsys):
    capsys.readouterr()
    assert run(["status", "mine", "--watch"]) == 0
    assert capsys.readouterr().out == "2 of 2 trials finished.\n"


def test_status_watch_follows_what_others_do(tmp_path, monkeypatch, npz):
    monkeypatch.chdir(tmp_path)
    flags = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "2"]
    assert run(["submit", "--name", "mine", "--data", str(npz), *flags]) == 0
    command = [sys.executable, "-m", "tuner", "status", "mine", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout.readline() == "0 of 2 trials finished.\n"
        subprocess.run([*command[:3], "worker", "mine", "-q"], check=True)
        assert watch.stdout.read().splitlines()[-1] == "2 of 2 trials finished."
    assert watch.returncode == 0


def on_a_terminal(*arguments):
    """What `tuner` writes to a terminal of 120 columns."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "LINES": "40", "TERM": "xterm"}
    command = [sys.executable, "-m", "tuner", *arguments]
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=environment
    ) as process:
        os.close(follower)
        written = b""
        try:
            while found := os.read(leader, 4096):
                written += found
        except OSError:
            pass
        os.close(leader)
    assert process.returncode == 0
    return written.decode()


def test_a_terminal_shows_bars_and_live_tables(searched):
    np.savez("more.npz", x=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 2)
    flags = ["--data", "more.npz", "--epochs", "2", "--width", "8", "--variant", "standard"]
    shown = on_a_terminal("search", *flags, "--trials", "2", "--jobs", "1")
    assert "ETA" in shown
    assert "2/2" in shown
    assert "best" in shown
    assert "2 of 2 trials finished." in on_a_terminal("status", "mine", "--watch")
