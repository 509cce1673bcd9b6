"""Candidates: means over seeds and paired differences."""

import numpy as np
import pytest
from _drawn import SEEDS, a_comparison, a_study
from scipy import stats

from tuner.plots.rendering import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_candidates_have_means_and_paired_differences_with_intervals():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "candidate")[0] == "gaussian"
    row = next(row for row in rows if row["candidate"] == "gaussian")
    assert row["seed"] == SEEDS[0]
    assert row["mean"] == pytest.approx(0.82)
    of_three, of_two = (stats.t.isf(0.025 / of, 2) / np.sqrt(3) for of in (3, 2))
    assert row["mean"] - row["low"] == pytest.approx(of_three * 0.11, rel=1e-5)
    assert row["gain"] == pytest.approx(0.02)
    assert row["high_gain"] - row["gain"] == pytest.approx(of_two * 0.01, rel=1e-5)
    assert row["over"] == "none"
    assert (row["twin"], row["effect"]) == (None, None)
    assert column(rows, "value", candidate="standard 0.5") == [0.60, 0.80]
    assert 0.01 < row["p_gain"] < 0.15
    assert set(column(rows, "gain", candidate="none")) == {None}


def test_intervals_of_accuracies_end_at_one():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "high", candidate="none")[0] == 1.0
    errors = make("variants", a_study("rmse"), a_comparison("rmse")).rows
    assert column(errors, "high", candidate="none")[0] > 1.0
