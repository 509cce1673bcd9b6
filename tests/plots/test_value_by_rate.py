"""Values by rate: the curves of the model, and the trials."""

import pytest
from _drawn import a_study, read, trial
from optuna.trial import TrialState

from tuner.plots.making import make
from tuner.plots.picture import BLUE, SKY, Span
from tuner.plots.plot import NotEnoughDataError
from tuner.plots.rendering import figure_of
from tuner.study.curves.fitting import fit


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


@pytest.mark.parametrize("metric", ["accuracy", "rmse"])
def test_the_curve_of_the_answer_and_its_safe_rates_are_those_that_are_said(metric):
    study = a_study(metric)
    curves, plot = fit(study), make("value_by_rate", study)
    best = curves.best_dropout
    first = plot.rows[1:][-0]
    curve = curves.curve(best["variant"], best)
    shown = [r for r in plot.rows if r["variant"] == best["variant"] and r["state"] == "expected"]
    assert first["variant"] == "none" or first["variant"] == best["variant"]
    assert [row["rate"] for row in shown] == curve.rates.tolist()
    assert [row["value"] for row in shown] == curve.mean.tolist()
    assert [row["low"] for row in shown] == curve.low.tolist()
    safe = [row["rate"] for row in shown if row["is_safe"]]
    assert (safe[0], safe[-1]) == curves.safe_rates(curves.model.noise, best)
    span = next(m for m in plot.picture.blocks[0].panels[0].marks if isinstance(m, Span))
    assert (span.low, span.high) == (safe[0], safe[-1])


def test_the_harm_of_high_rates_is_on_the_scale():
    rates = [n / 10 for n in range(9)]
    trials = [trial("standard", 0.9 - rate**4 * 2, rate) for rate in rates]
    plot = make("value_by_rate", read(trial("none", 0.85), *trials))
    low, high = plot.picture.blocks[0].y.limits
    worst = min(column(plot.rows, "value", state="complete"))
    assert low < worst < 0.1
    assert high > 0.9


def test_trials_of_other_networks_are_paler():
    trials = [trial("standard", 0.9 - n / 50, n / 10, width=64 * (1 + n % 2)) for n in range(8)]
    plot = make("value_by_rate", read(trial("none", 0.8), *trials))
    (panel,) = plot.picture.blocks[1].panels
    colors = {m.label: m.color for m in panel.marks if m.label in ("a trial", "another network")}
    assert colors == {"a trial": BLUE, "another network": SKY}
    alike = column(plot.rows, "is_alike", state="complete")
    assert alike.count(True) == alike.count(False) == 4


def test_without_a_model_the_trials_are_drawn_pruned_ones_at_their_last_value():
    pruned = [trial("alpha", 0.7, 0.3, TrialState.PRUNED, epochs=2) for _ in range(5)]
    rows = make("value_by_rate", read(trial("none", 0.8), trial("none", 0.6), *pruned)).rows
    assert column(rows, "value", state="pruned") == [0.7] * 5
    assert column(rows, "trial", variant="none") == [0]
    with pytest.raises(NotEnoughDataError, match="5 trials"):
        make("value_by_rate", read(trial("none", 0.8), *pruned[:4]))


def test_no_more_than_all_rows_is_expected_to_be_right():
    trials = [trial("standard", 1.0 - n % 2 / 500, n / 10) for n in range(8)]
    plot = make("value_by_rate", read(trial("none", 1.0), *trials))
    assert max(column(plot.rows, "high", state="expected")) <= 1
    assert max(column(plot.rows, "value", state="expected")) <= 1


def test_the_numbers_of_an_axis_differ_however_near_the_values_are():
    trials = [trial("standard", 0.9583 + n % 2 / 20_000, n / 10) for n in range(8)]
    figure = figure_of(make("value_by_rate", read(trial("none", 0.9583), *trials)))
    figure.canvas.draw()
    labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(set(labels)) == len(labels) > 2
