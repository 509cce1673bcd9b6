"""Candidates: means over seeds and paired differences."""

import numpy as np
import pytest
from _drawn import SEEDS, a_comparison, a_study

from tuner.plots.rendering import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_candidates_have_means_and_paired_differences_with_intervals():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "candidate")[0] == "gaussian"
    row = next(row for row in rows if row["candidate"] == "gaussian")
    assert row["seed"] == SEEDS[0]
    assert row["mean"] == pytest.approx(0.82)
    half = 4.302653 / np.sqrt(3)  # Student's t of two degrees of freedom
    assert row["mean"] - row["low"] == pytest.approx(half * 0.11, rel=1e-5)
    assert row["vs_none"] == pytest.approx(0.02)
    assert row["high_vs_none"] - row["vs_none"] == pytest.approx(half * 0.01, rel=1e-5)
    assert column(rows, "value", candidate="standard 0.5") == [0.60, 0.80]
    assert 0.01 < row["holm_p"] < 0.1
    assert set(column(rows, "vs_none", candidate="none")) == {None}


def test_intervals_of_accuracies_end_at_one():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "high", candidate="none")[0] == 1.0
    errors = make("variants", a_study("rmse"), a_comparison("rmse")).rows
    assert column(errors, "high", candidate="none")[0] > 1.0
