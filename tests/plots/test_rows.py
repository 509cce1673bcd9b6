"""What the plots draw is what the trials say."""

import numpy as np
import pytest
from _drawn import MANY_RATES, RATES, SEEDS, a_comparison, a_study, candidate, read, trial
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from tuner.plots._by_rate import smooth
from tuner.plots._limits import limits
from tuner.plots.curves import without_and_with
from tuner.plots.plot import NotEnoughDataError
from tuner.plots.rendering import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


@pytest.mark.parametrize(
    ("metric", "numbers"), [("accuracy", (1, 4)), ("rmse", (0, 2))], ids=["maximize", "minimize"]
)
def test_curves_are_of_the_best_without_and_the_best_with_dropout(metric, numbers):
    values = [("none", 0.5), ("none", 0.6), ("alpha", 0.2), ("standard", 0.7), ("standard", 0.9)]
    found = read(*(trial(*value, metric=metric) for value in values), metric=metric)
    assert tuple(row.number for row in without_and_with(found)) == numbers
    rows = make("metric_all", found).rows
    assert column(rows, "epoch", trial=numbers[0]) == [1, 2, 3]
    assert column(rows, "validation", trial=numbers[1])[-1] == values[numbers[1]][1]


@pytest.mark.parametrize("variant", ["none", "alpha"])
def test_curves_need_both(variant):
    with pytest.raises(NotEnoughDataError, match="without and one with dropout"):
        without_and_with(read(trial(variant, 0.5)))


def test_pruned_trials_are_drawn_at_their_last_value():
    pruned = trial("alpha", 0.7, 0.3, TrialState.PRUNED, epochs=2)
    worse = trial("none", 0.6)
    rows = make("value_by_rate", read(trial("none", 0.8), worse, pruned)).rows
    assert column(rows, "value", state="pruned") == [0.7]
    assert column(rows, "trial", variant="none") == [0]


def test_gap_is_train_minus_validation():
    found = read(trial("none", 0.8, gap=0.25), trial("standard", 0.7, 0.5, gap=-0.125))
    rows = make("gap_by_rate", found).rows
    assert column(rows, "gap", variant="standard") == pytest.approx([-0.125])
    assert column(rows, "gap", variant="none") == pytest.approx([0.25])


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


@pytest.mark.parametrize(
    ("metric", "best"), [("accuracy", [0.5, 0.5, 0.9, 0.9]), ("rmse", [0.5, 0.5, 0.5, 0.2])]
)
def test_history_keeps_the_best_so_far(metric, best):
    complete = [trial("none", value, metric=metric) for value in (0.5, 0.9, 0.2)]
    pruned = trial("alpha", 0.99, 0.5, TrialState.PRUNED, metric)
    failed = trial("alpha", 0.99, 0.5, TrialState.FAIL, metric)
    found = read(complete[0], pruned, failed, *complete[1:], metric=metric)
    rows = make("history", found).rows
    assert column(rows, "trial") == [0, 1, 3, 4]
    assert column(rows, "best_so_far") == best


def test_candidates_have_means_and_paired_differences_with_intervals():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "finalist")[0] == "gaussian"
    row = next(row for row in rows if row["finalist"] == "gaussian")
    assert row["seed"] == SEEDS[0]
    assert row["mean"] == pytest.approx(0.82)
    half = 4.302653 / np.sqrt(3)  # Student's t of two degrees of freedom
    assert row["mean"] - row["low"] == pytest.approx(half * 0.11, rel=1e-5)
    assert row["vs_none"] == pytest.approx(0.02)
    assert row["high_vs_none"] - row["vs_none"] == pytest.approx(half * 0.01, rel=1e-5)
    assert column(rows, "value", finalist="standard 0.5") == [0.60, 0.80]
    assert 0.01 < row["holm_p"] < 0.1
    assert set(column(rows, "vs_none", finalist="none")) == {None}


def test_intervals_of_accuracies_end_at_one():
    rows = make("variants", a_study(), a_comparison()).rows
    assert column(rows, "high", finalist="none")[0] == 1.0
    errors = make("variants", a_study("rmse"), a_comparison("rmse")).rows
    assert column(errors, "high", finalist="none")[0] > 1.0


def test_learning_curves_of_candidates_are_means_over_seeds():
    plot = make("learning_curves", a_study(), a_comparison())
    ends = [row for row in plot.rows if row["finalist"] == "none" and row["epoch"] == 2]
    assert [(row["n"], row["mean"]) for row in ends] == [(3, pytest.approx(0.8))]
    assert ends[0]["mean"] - ends[0]["low"] == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert "3 seeds" in plot.text


def test_learning_curves_of_leaders_say_that_they_are_of_one_seed():
    plot = make("learning_curves", a_study())
    assert "one seed each" in plot.text
    assert set(column(plot.rows, "n")) == {1}
    assert set(column(plot.rows, "low")) == {None}
    assert column(plot.rows, "mean", finalist="none") == pytest.approx([0.70, 0.75, 0.80])


def test_a_comparison_without_a_complete_trial_leaves_the_search_to_see():
    document, _ = candidate("none", "none", 0.0, (None, None, None))
    empty = read(finalists=[document], seeds=list(SEEDS), n_test=100)
    for name in ("variants", "learning_curves"):
        assert make(name, a_study(), empty).rows == make(name, a_study()).rows


def test_pruning_counts_epochs_by_variant():
    rows = make("pruning", a_study()).rows
    alpha = next(row for row in rows if row["variant"] == "alpha")
    assert (alpha["trials"], alpha["pruned"]) == (2, 1)
    spent = alpha["epochs_complete"], alpha["epochs_pruned"], alpha["epochs_saved"]
    assert spent == (3, 1, 3)
    assert all(row["epochs_saved"] == 0 for row in rows if row is not alpha)


def test_without_a_pruned_trial_nothing_is_saved():
    with pytest.raises(NotEnoughDataError, match="no trial was pruned"):
        make("pruning", read(trial("none", 0.8)))


def test_learned_rates_are_rows_by_epoch_and_place():
    rows = make("learned_rates", a_study()).rows
    best = [row for row in rows if row["variant"] == "concrete" and row["best"]]
    assert column(best, "learned", place=0) == [0.1, 0.1, 0.05]
    assert column(best, "learned", place=1) == [0.1, 0.1, 0.4]
    gaussian = [row for row in rows if row["variant"] == "gaussian"]
    assert column(gaussian, "rate") == list(MANY_RATES)
    assert set(column(gaussian, "learned")) == {None}


def test_without_a_learned_rate_there_is_no_such_plot():
    with pytest.raises(NotEnoughDataError, match="that learns its rates"):
        make("learned_rates", read(trial("none", 0.8), trial("standard", 0.9)))


def decided_by(deciding, n=120, seed=0):
    """Trials of random params, whose value follows from one of them, or from none."""
    generator = np.random.default_rng(seed)
    distributions = {
        "variant": CategoricalDistribution(("none", "standard", "gaussian")),
        "rate": FloatDistribution(0.0, 0.8),
        "width": CategoricalDistribution((64, 128)),
    }
    trials = []
    for _ in range(n):
        params = {
            "variant": str(generator.choice(["none", "standard", "gaussian"])),
            "rate": generator.uniform(0, 0.8),
            "width": int(generator.choice([64, 128])),
        }
        value = {
            "rate": -abs(params["rate"] - 0.3),
            "width": params["width"] / 128,
            None: 0.0,
        }[deciding] + generator.normal(0, 0.01)
        attrs = {"params": params}
        trials.append(
            create_trial(value=value, params=params, distributions=distributions, user_attrs=attrs)
        )
    return trials


@pytest.mark.parametrize("deciding", ["rate", "width"])
def test_importance_names_what_decides(deciding):
    rows = make("importance", read(*decided_by(deciding))).rows
    assert rows[0]["param"] == deciding
    assert rows[0]["importance"] > 2 * rows[0]["chance"]
    assert rows[0]["trials"] == 120


def test_where_nothing_decides_nothing_is_more_important_than_chance():
    rows = make("importance", read(*decided_by(None))).rows
    assert [row["param"] for row in rows if row["importance"] > row["chance"]] == []


def test_importance_counts_ranks_so_a_diverged_trial_changes_nothing():
    trials = decided_by("rate")
    rows = make("importance", read(*trials)).rows
    worst = min(trials, key=lambda each: each.value)
    worst.value = -1e9
    assert make("importance", read(*trials)).rows == rows


def test_limits_leave_out_what_is_far_on_the_worse_side_only():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0]
    assert limits(values, maximize=False)[1] < 6
    assert limits(values, maximize=True)[1] > 100
    assert limits([-v for v in values], maximize=True)[0] > -6
    assert limits(values, maximize=None)[1] < 6


def test_limits_of_equal_values_have_room_and_of_none_there_are_none():
    low, high = limits([0.5, 0.5], maximize=True)
    assert low < 0.5 < high
    assert limits([None, np.nan, np.inf], maximize=True) is None


def test_smooth_weighs_neighbours_by_the_kernel():
    # One kernel width apart: weights 1 and exp(-1/2), so 0.6065 / 1.6065 of the farther value.
    mean, error = smooth([0.0, 0.12], [0.0, 1.0], np.array([0.0]))
    np.testing.assert_allclose(mean, [0.37754], rtol=1e-4)
    np.testing.assert_allclose(error, [0.48477], rtol=1e-4)


def test_smooth_at_one_rate_is_the_mean_and_its_standard_error():
    mean, error = smooth([0.3] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], np.array([0.3, 0.5]))
    np.testing.assert_allclose(mean, 3.0)
    np.testing.assert_allclose(error, np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5))


def test_smooth_of_a_constant_is_the_constant_without_error():
    mean, error = smooth(RATES, [0.7] * len(RATES), np.linspace(0.0, 0.5, 20))
    np.testing.assert_allclose(mean, 0.7)
    np.testing.assert_allclose(error, 0.0, atol=1e-8)
