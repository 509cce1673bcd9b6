"""The answer as a picture has the numbers of the answer."""

import re

import numpy as np
import pytest
from _drawn import VARIANTS, a_comparison, a_study, read, trial

from tuner.comparison.answer import _searched
from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.pairwise import compare
from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError
from tuner.study.curves.fitting import fit
from tuner.study.curves.known import Known
from tuner.study.formatting import difference, value


def row_of(rows, variant):
    return next(row for row in rows if row["variant"] == variant)


def known(row, name):
    of = "" if name == "value" else f"_{name}"
    return Known(row[name], row[f"low{of}"], row[f"high{of}"])


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_a_search_shows_the_numbers_of_its_answer(metric):
    study = a_study(metric)
    curves, rows = fit(study), make("answer", study).rows
    best = curves.best_dropout
    row = row_of(rows, best["variant"])
    said = _searched(study, curves)
    none = row_of(rows, "none")  # dropout is not shown to help: the network without it is named
    assert value(known(none, "value"), metric) in said
    assert difference(known(row, "gain"), metric) in said
    assert row["effect"] == curves.effect_of(best).mean
    sign = 1 if study.maximize else -1
    assert row["value"] - row["twin_value"] == pytest.approx(sign * row["effect"])
    assert none["effect"] is None


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_a_comparison_shows_the_numbers_of_its_table_and_better_is_above_0(metric):
    compared = a_comparison(metric)
    rows = make("answer", a_study(metric), compared).rows
    found = compare(scores_of(compared, trials_of(compared)))
    assert [row["candidate"] for row in rows] == [row.candidate.name for row in found.rows]
    sign = 1 if metric == "accuracy" else -1
    gaussian, judged = row_of(rows, "gaussian"), found.row("gaussian")
    assert gaussian["value"] == judged.mean.value
    assert gaussian["gain"] == sign * judged.gain.value == pytest.approx(sign * 0.02)
    assert gaussian["low_gain"] < gaussian["gain"] < gaussian["high_gain"]
    ends = judged.gain.interval(found.n_judged)
    assert sorted(sign * end for end in ends) == [gaussian["low_gain"], gaussian["high_gain"]]
    assert (gaussian["twin"], gaussian["effect"]) == (None, None)
    assert row_of(rows, "none")["gain"] is None


def test_intervals_of_accuracies_end_at_one():
    rows = make("answer", a_study(), a_comparison()).rows
    assert row_of(rows, "none")["high"] == 1.0
    errors = make("answer", a_study("rmse"), a_comparison("rmse")).rows
    assert row_of(errors, "none")["high"] > 1.0


def test_of_many_candidates_the_leading_nine_are_drawn_and_that_is_said():
    trials = [trial(v, 0.9 - n / 100, 0.3) for n, v in enumerate(VARIANTS[1:12]) for _ in "ab"]
    plot = make("answer", read(trial("none", 0.8), trial("none", 0.81), *trials))
    panel = plot.picture.blocks[0].panels[0]
    assert len(plot.rows) == 12
    assert panel.title == "10 of 12"
    assert len(plot.picture.blocks[0].y.names) == 10
    assert "no dropout" in plot.picture.blocks[0].y.names[0]


@pytest.mark.parametrize(
    ("trials", "says"),
    [
        ([trial("none", 0.8)], "needs 5 complete trials"),
        ([trial("none", 0.8 + n / 100) for n in range(6)], "no variant of dropout"),
    ],
    ids=["few", "none"],
)
def test_what_it_needs_is_said(trials, says):
    with pytest.raises(NotEnoughDataError, match=says):
        make("answer", read(*trials))


def test_the_text_has_every_number():
    plot = make("answer", a_study())
    numbers = re.findall(r"effect ([+-][\d.]+)", plot.text)
    effects = [row["effect"] for row in plot.rows if row["effect"] is not None]
    np.testing.assert_allclose(list(map(float, numbers)), effects, rtol=6e-3)
