"""What decides the value."""

import numpy as np
import pytest
from _drawn import read
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import create_trial

from tuner.plots.making import make


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
