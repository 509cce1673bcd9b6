"""Values by rate."""

from _drawn import read, trial
from optuna.trial import TrialState

from tuner.plots.rendering import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


def test_pruned_trials_are_drawn_at_their_last_value():
    pruned = trial("alpha", 0.7, 0.3, TrialState.PRUNED, epochs=2)
    worse = trial("none", 0.6)
    rows = make("value_by_rate", read(trial("none", 0.8), worse, pruned)).rows
    assert column(rows, "value", state="pruned") == [0.7]
    assert column(rows, "trial", variant="none") == [0]
