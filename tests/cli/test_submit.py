"""tuner submit: trials and comparisons are left to workers."""

from _compared import results

from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.comparison.companion import companion_name


def test_a_comparison_can_be_left_to_workers(searched, capsys):
    found = results()
    capsys.readouterr()
    assert run(["submit", "mine", "--compare"]) == 0
    n = 2 * len(candidates.choose(found))
    assert f"mine/compare: 0 of {n} trials finished" in capsys.readouterr().out
    assert results(companion_name("mine")).counts.waiting == n


def test_submit_queues_and_says_so_and_completes_what_is_missing(submit, capsys):
    assert submit("--trials", "4") == 0
    assert "mine: 0 of 4 trials finished; 'tuner worker' runs the others" in capsys.readouterr().out
    assert results().counts.waiting == 4
    assert submit("--trials", "4") == 0
    assert results().counts.waiting == 4
    assert submit("--add", "2") == 0
    assert results().counts.waiting == 6
    assert submit("--trials", "3", "--epochs", "4") == 3
    assert "exists with another definition" in capsys.readouterr().err
