"""tuner submit: trials and comparisons are left to workers."""

from _compared import results

from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.comparison.companion import companion_name


def test_a_comparison_can_be_left_to_workers(searched, capsys):
    found = results()
    capsys.readouterr()
    assert run(["submit", "mine", "--compare"]) == 0
    n = 10 * len(candidates.choose(found))
    assert f"mine/compare: 0 of {n} trials finished" in capsys.readouterr().out
    assert results(companion_name("mine")).counts.waiting == n
