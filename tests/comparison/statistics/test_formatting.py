"""Numbers with the digits that they have."""

import pytest

from tuner.comparison.statistics.estimates import Estimate
from tuner.comparison.statistics.formatting import Units, p_value


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0002, "p < 0.001"), (0.0123, "p = 0.012"), (0.0996, "p = 0.100"), (0.4321, "p = 0.43")],
)
def test_a_small_p_has_more_digits(p, text):
    assert p_value(p) == f"Holm {text}"


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.04123, 0.001, 10), "test nll 0.0412 [0.0405, 0.0419]"),
        (Estimate(5123.4, 700.0, 10), "test nll 5123 [4623, 5624]"),
        (Estimate(1 / 3, None, 1), "test nll 0.3333"),
    ],
)
def test_digits_reach_to_the_standard_error(estimate, text):
    assert Units("nll").value(estimate) == text


def test_an_error_is_not_below_0_percent_and_nothing_is_minus_0():
    assert Units("accuracy").value(Estimate(0.9999, 0.001, 5)) == "test error 0.01 % [0.00, 0.13]"
    shown = Units("accuracy").difference(Estimate(-1e-9, 1e-9, 5))
    assert shown == "0.00 points [0.00, 0.00] above"
