"""The time that is left is reckoned once: for the bar of a search as for `tuner status`."""

import pytest
from _clocks import row, study

from tuner.study.eta import Eta, Missing


def test_epochs_that_running_trials_have_done_are_not_missing():
    assert Missing(n_trials=4, epochs_each=10, done=7).seconds(0.5) == pytest.approx(16.5)


def test_trials_that_run_longer_than_others_did_take_no_time_from_the_rest():
    assert Missing(n_trials=1, epochs_each=10, done=12).seconds(0.5) == 0


@pytest.mark.parametrize("n_trials", [0, -2])
def test_what_is_finished_takes_no_time_measured_or_not(n_trials):
    assert Missing(n_trials, 10, 0).seconds(None) == 0


def test_what_was_not_measured_is_unknown():
    assert Missing(2, 10, 0).seconds(None) is None


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


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
