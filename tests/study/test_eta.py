"""The time that is left is reckoned once: for the bar of a search as for `tuner status`."""

import pytest

from tuner.study.eta import Missing


def test_epochs_that_running_trials_have_done_are_not_missing():
    assert Missing(n_trials=4, epochs_each=10, done=7).seconds(0.5) == pytest.approx(16.5)


def test_trials_that_run_longer_than_others_did_take_no_time_from_the_rest():
    assert Missing(n_trials=1, epochs_each=10, done=12).seconds(0.5) == 0


@pytest.mark.parametrize("n_trials", [0, -2])
def test_what_is_finished_takes_no_time_measured_or_not(n_trials):
    assert Missing(n_trials, 10, 0).seconds(None) == 0


def test_what_was_not_measured_is_unknown():
    assert Missing(2, 10, 0).seconds(None) is None
