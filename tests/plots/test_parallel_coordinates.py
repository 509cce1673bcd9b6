"""Complete trials as lines through their params."""

import pytest
from _drawn import read, trial

from tuner.plots.making import make
from tuner.plots.picture import Line
from tuner.plots.plot import NotEnoughDataError


def lines(plot):
    (block,) = plot.picture.blocks
    return {mark.label: mark.curves for mark in block.panels[0].marks if isinstance(mark, Line)}


@pytest.fixture
def drawn():
    dropouts = [
        trial("standard", 0.5 + n / 100, n / 10, width=64 * 2 ** (n % 2)) for n in range(1, 9)
    ]
    return make("parallel_coordinates", read(trial("none", 0.9, width=64), *dropouts))


def test_each_complete_trial_is_one_line_and_the_best_fifth_is_on_top(drawn):
    found = lines(drawn)
    assert {label: len(curves) for label, curves in found.items()} == {
        "dropout": 7,
        "no dropout": 1,
        "best fifth": 1,
    }
    assert list(found)[-1] == "best fifth"
    assert [row["place"] for row in drawn.rows] == list(range(1, 10))


def test_axes_reach_from_the_least_to_the_greatest_value(drawn):
    (block,) = drawn.picture.blocks
    names = block.panels[0].x.names
    assert names == ("Variant", "Rate\n0 to 0.8", "Width\n64 to 128", "Accuracy, %\n51 to 90")
    (_, none), (_, best) = lines(drawn)["no dropout"][0], lines(drawn)["best fifth"][0]
    assert none == [1.0, 0.0, 0.0, 1.0]
    assert best[:3] == [0.0, 1.0, 0.0]


def test_few_trials_are_no_picture():
    with pytest.raises(NotEnoughDataError, match="5 complete trials"):
        make("parallel_coordinates", read(*[trial("none", 0.9, width=64)] * 4))
