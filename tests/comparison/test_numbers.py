"""Numbers of a verdict: the same in the table as in JSON."""

import pytest

from tuner.comparison.numbers import as_json, differences, gained, shown
from tuner.comparison.statistics.monitored import Gain, monitor

VALUES = [0.010, 0.012, 0.014, 0.011]


def test_accuracies_are_in_percent_and_others_have_the_digits_they_have():
    found = monitor(VALUES, 1e-9)
    assert gained(found, "accuracy", 1).startswith("+1.18 [+0.90, +1.")
    assert shown(found, "rmse").startswith("0.0118 [0.0090, 0.014")
    assert shown(monitor([0.99, 1.0], 1e-9), "accuracy").endswith(", 100.00]")
    assert shown(None, "rmse") == "-"


def test_a_smaller_error_is_a_gain_above_0():
    found = monitor([-value for value in VALUES], 1e-9)
    assert gained(found, "rmse", -1) == gained(monitor(VALUES, 1e-9), "rmse", 1)
    assert gained(found, "rmse", -1).startswith("+0.0118 [+0.00")
    assert gained(None, "rmse", -1) == "-"


def test_what_has_no_interval_has_none_in_either():
    found = monitor(VALUES, 1e-9, ())
    assert gained(found, "accuracy", 1) == "+1.18"
    assert as_json(found)["interval"] is None
    assert as_json(None) is None


def test_a_corrected_interval_is_wider():
    gain = Gain({"none": monitor(VALUES, 1e-9)}, 1)
    plain, wide = (differences(gain, of)["none"]["interval"] for of in (1, 10))
    assert wide[0] < plain[0] < plain[1] < wide[1]
    assert as_json(gain)["interval"] == pytest.approx(plain)
