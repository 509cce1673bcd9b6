"""Learning curves of leaders and of candidates."""

import numpy as np
import pytest
from _drawn import SEEDS, a_comparison, a_study, candidate, read, trial

from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_learning_curves_of_candidates_are_means_over_seeds_beside_no_dropout():
    plot = make("learning_curves", a_study(), a_comparison())
    none = {"candidate": "gaussian", "is_dropout": False, "epoch": 5}
    assert column(plot.rows, "n", **none) == [3]
    assert column(plot.rows, "mean", **none) == pytest.approx([0.8])
    half = 0.8 - column(plot.rows, "low", **none)[0]
    assert half == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert column(plot.rows, "mean", **none | {"is_dropout": True}) == pytest.approx([0.82])
    assert "3 seeds" in plot.text


def test_learning_curves_of_leaders_say_that_they_are_of_one_seed():
    plot = make("learning_curves", a_study())
    assert "one seed each" in plot.text
    assert set(column(plot.rows, "n")) == {1}
    assert set(column(plot.rows, "low")) == {None}
    none = column(plot.rows, "mean", candidate="gaussian", is_dropout=False)
    assert none == pytest.approx([0.60, 0.65, 0.70, 0.75, 0.80])


def test_a_curve_begins_where_it_comes_into_the_panel():
    plot = make("learning_curves", read(trial("none", 0.9, epochs=20), trial("a", 0.8, epochs=20)))
    (panel,) = plot.picture.blocks[0].panels
    low, high = plot.picture.blocks[0].y.limits
    for line in panel.marks:
        epochs, values = line.curves[0]
        assert epochs[-1] == 20
        assert 1 < epochs[0] < 10
        assert all(low <= value <= high for value in values)
    assert column(plot.rows, "epoch", is_dropout=True) == [*range(1, 21)]


def test_a_comparison_without_a_complete_trial_leaves_the_search_to_see():
    document, _ = candidate("none", "none", 0.0, (None, None, None))
    empty = read(candidates=[document], seeds=list(SEEDS), n_test=100)
    for name in ("answer", "learning_curves"):
        assert make(name, a_study(), empty).rows == make(name, a_study()).rows


def test_short_trainings_have_none():
    with pytest.raises(NotEnoughDataError, match="5 epochs"):
        make("learning_curves", read(trial("none", 0.9, epochs=4), trial("a", 0.8, epochs=4)))
