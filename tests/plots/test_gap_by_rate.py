"""The gap between train and validation, by rate."""

import pytest
from _drawn import read, trial

from tuner.plots.making import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_gap_is_train_minus_validation():
    found = read(trial("none", 0.8, gap=0.25), *[trial("standard", 0.7, 0.5, gap=-0.125)] * 5)
    rows = make("gap_by_rate", found).rows
    assert column(rows, "gap", variant="standard") == pytest.approx([-0.125] * 5)
    assert column(rows, "gap", variant="none") == pytest.approx([0.25])
