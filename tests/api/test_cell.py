"""The line that a cell of a notebook shows while a search runs."""

import pytest
from _clocks import row, study

from tuner.api import cell
from tuner.api.cell import Cell, cells
from tuner.study.trial_queue import Counts


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_one_line_says_how_far_it_is_and_what_is_best():
    clock = Clock()
    shown = Cell("mine", clock)
    assert repr(shown) == "mine: starting TensorFlow"
    shown.notice("rows are standardized")
    shown.begin(Counts(), 2, 10)
    clock.now = 5.0
    shown.epoch(0, 5, 0.5)
    assert repr(shown) == "rows are standardized\nmine: 0 of 2 trials, 15 s left, trial 0 epoch 5"
    shown.trial(study(row(0), budget=2), 0, 1)
    assert "1 of 2 trials" in repr(shown)
    assert "best accuracy 0.9000: standard, rate 0.5, width 64" in repr(shown)
    clock.now = 12.0
    shown.trial(study(row(0), row(1, "PRUNED"), budget=2), 1, 2)
    assert "mine: 2 trials in 12 s, 1 pruned, best" in repr(shown)


def test_epochs_that_are_short_are_not_shown_each():
    clock = Clock()
    shown = Cell("mine", clock)
    shown.begin(Counts(), 2, 10)
    clock.now = 0.1
    shown.epoch(0, 1, 0.5)
    assert "epoch" not in repr(shown)
    clock.now = 0.3
    shown.epoch(0, 2, 0.5)
    assert "epoch 2" in repr(shown)


def test_a_search_that_was_finished_says_so():
    shown = Cell("mine")
    shown.begin(Counts(complete=2), 2, 10)
    assert repr(shown) == "mine: all 2 trials were finished before"


def test_names_and_notices_are_text_in_html():
    shown = Cell("a&b")
    shown.notice("<NA> is missing")
    page = shown._repr_html_()
    assert "&lt;NA&gt;" in page
    assert "a&amp;b" in page
    assert "<progress " in page


def ended(error, *, begun):
    with cells() as listen:
        made.append(listen("mine"))
        if begun:
            made[-1].begin(Counts(complete=1), 2, 10)
        raise error


made = []


@pytest.mark.parametrize(
    ("error", "begun", "said"),
    [
        (KeyboardInterrupt, True, "interrupted after 1 of 2 trials: what is finished is kept"),
        (ValueError, True, "1 of 2 trials"),
        (KeyboardInterrupt, False, ""),
    ],
)
def test_the_end_of_a_search_is_said_where_something_is_kept(error, begun, said):
    with pytest.raises(error):
        ended(error, begun=begun)
    assert said in repr(made[-1])
    assert bool(made[-1]._repr_html_()) == begun


def test_a_process_that_is_no_kernel_has_no_cells():
    assert not cell.is_here()
