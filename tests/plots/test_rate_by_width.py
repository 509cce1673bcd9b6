"""Means by rate and width."""

import numpy as np
import pytest
from _drawn import read, trial

from tuner.plots.making import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_cells_hold_mean_number_and_standard_error():
    values = {64: (0.5, 0.7), 128: (0.9,)}
    trials = [trial("standard", v, 0.5, width=w) for w, vs in values.items() for v in vs]
    rows = make("rate_by_width", read(*trials)).rows
    assert column(rows, "n") == [2, 1]
    assert column(rows, "mean") == pytest.approx([0.6, 0.9])
    assert column(rows, "standard_error", width_low=64) == pytest.approx([0.1])
    assert column(rows, "standard_error", width_low=128) == [None]


def test_many_rates_fall_into_ranges_that_hold_their_lower_end():
    rates = (0.0, 0.1, 0.19, 0.2, 0.3, 0.5, 0.8)
    trials = [trial("standard", 0.5, rate, width=w) for rate in rates for w in (64, 128)]
    rows = make("rate_by_width", read(*trials)).rows
    ranges = column(rows, "rate_low", width_low=64), column(rows, "rate_high", width_low=64)
    np.testing.assert_allclose(ranges[0], [0.0, 0.2, 0.4, 0.6])
    np.testing.assert_allclose(ranges[1], [0.2, 0.4, 0.6, 0.8])
    assert column(rows, "n", width_low=64) == [3, 2, 1, 1]
