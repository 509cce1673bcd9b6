"""tuner replay: a trial again from its record, to the last digit, or by how much it differs."""

import pytest
from _compared import load

from tuner.cli.main import run
from tuner.comparison.companion import companion_name


@pytest.mark.slow
def test_a_value_of_a_comparison_repeats(compared, capsys):
    capsys.readouterr()
    for number in (0, 3, 5):
        assert run(["replay", companion_name("mine"), str(number)]) == 0
        assert "same value, accuracy" in capsys.readouterr().out
    assert [each["command"] for each in load().user_attrs["openings"][1:]] == [
        f"tuner replay mine/compare {number}" for number in (0, 3, 5)
    ]
