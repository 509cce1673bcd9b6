"""Rates that were learned, by epoch and place."""

import pytest
from _drawn import MANY_RATES, a_study, read, trial

from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_learned_rates_are_rows_by_epoch_and_place():
    rows = make("learned_rates", a_study()).rows
    best = [row for row in rows if row["variant"] == "concrete" and row["best"]]
    assert column(best, "learned", place=0) == [0.1, 0.1, 0.1, 0.1, 0.05]
    assert column(best, "learned", place=1) == [0.1, 0.1, 0.1, 0.1, 0.4]
    gaussian = [row for row in rows if row["variant"] == "gaussian"]
    assert column(gaussian, "rate") == list(MANY_RATES)
    assert set(column(gaussian, "learned")) == {None}


def test_without_a_learned_rate_there_is_no_such_plot():
    with pytest.raises(NotEnoughDataError, match="that learns its rates"):
        make("learned_rates", read(trial("none", 0.8), trial("standard", 0.9)))
