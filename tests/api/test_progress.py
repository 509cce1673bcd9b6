"""What is said of a study while it runs: the time left, the bar, status --watch."""

import io

from _clocks import row, study
from rich.console import Console

from tuner.api.cell import Cell
from tuner.api.progress import Bar, Lines, Logged, Silent, bars, in_python, listening
from tuner.study.trial_queue import Counts


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


def test_in_python_it_is_lines_one_line_records_or_nothing(monkeypatch, caplog):
    with in_python() as listen:
        assert type(listen("mine")) is Lines
    with in_python(quiet=True) as listen:
        assert type(listen("mine")) is Silent
    with caplog.at_level("INFO", "tuner"), in_python(quiet=True) as listen:
        assert type(listen("mine")) is Logged
    monkeypatch.setattr("tuner.api.cell.is_here", lambda: True)
    with in_python() as listen:
        assert type(listen("mine")) is Cell
