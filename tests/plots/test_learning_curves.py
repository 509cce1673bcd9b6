"""Learning curves of leaders and of candidates."""

import numpy as np
import pytest
from _drawn import SEEDS, a_comparison, a_study, candidate, read

from tuner.plots.rendering import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_learning_curves_of_candidates_are_means_over_seeds():
    plot = make("learning_curves", a_study(), a_comparison())
    ends = [row for row in plot.rows if row["candidate"] == "none" and row["epoch"] == 2]
    assert [(row["n"], row["mean"]) for row in ends] == [(3, pytest.approx(0.8))]
    assert ends[0]["mean"] - ends[0]["low"] == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert "3 seeds" in plot.text


def test_learning_curves_of_leaders_say_that_they_are_of_one_seed():
    plot = make("learning_curves", a_study())
    assert "one seed each" in plot.text
    assert set(column(plot.rows, "n")) == {1}
    assert set(column(plot.rows, "low")) == {None}
    assert column(plot.rows, "mean", candidate="none") == pytest.approx([0.70, 0.75, 0.80])


def test_a_comparison_without_a_complete_trial_leaves_the_search_to_see():
    document, _ = candidate("none", "none", 0.0, (None, None, None))
    empty = read(candidates=[document], seeds=list(SEEDS), n_test=100)
    for name in ("variants", "learning_curves"):
        assert make(name, a_study(), empty).rows == make(name, a_study()).rows
