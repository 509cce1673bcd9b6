"""What pruning saved."""

import pytest
from _drawn import a_study, read, trial

from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError


def test_pruning_counts_epochs_by_variant():
    rows = make("pruning", a_study()).rows
    alpha = next(row for row in rows if row["variant"] == "alpha")
    assert (alpha["trials"], alpha["pruned"]) == (2, 1)
    spent = alpha["epochs_complete"], alpha["epochs_pruned"], alpha["epochs_saved"]
    assert spent == (5, 1, 5)
    assert all(row["epochs_saved"] == 0 for row in rows if row is not alpha)


def test_without_a_pruned_trial_nothing_is_saved():
    with pytest.raises(NotEnoughDataError, match="no trial was pruned"):
        make("pruning", read(trial("none", 0.8)))
