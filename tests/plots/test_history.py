"""The value of each trial and the best so far."""

import pytest
from _drawn import read, trial
from optuna.trial import TrialState

from tuner.plots.making import make


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


@pytest.mark.parametrize(
    ("metric", "best"),
    [("accuracy", [0.5, 0.5, 0.9, 0.9, 0.9]), ("rmse", [0.5, 0.5, 0.5, 0.2, 0.2])],
)
def test_history_keeps_the_best_so_far(metric, best):
    complete = [trial("none", value, metric=metric) for value in (0.5, 0.9, 0.2, 0.6)]
    pruned = trial("alpha", 0.99, 0.5, TrialState.PRUNED, metric)
    failed = trial("alpha", 0.99, 0.5, TrialState.FAIL, metric)
    found = read(complete[0], pruned, failed, *complete[1:], metric=metric)
    rows = make("history", found).rows
    assert column(rows, "trial") == [0, 1, 3, 4, 5]
    assert column(rows, "best_so_far") == best
