"""Figures of very many trials stay small."""

import optuna
import pytest
from simulated.stored import make_study

from tuner.dashboard.renewing import show
from tuner.study.studies import load_study

pytestmark = pytest.mark.slow

FIGURES = {"answer", "value-by-rate", "learned-rates"}


def test_figures_of_many_trials_stay_small(tmp_path):
    store = make_study(f"sqlite:///{tmp_path}/s.db", 3000, 2)
    storage = optuna.storages.get_storage(store.database)
    shown = show(load_study("simulated", storage))
    assert set(shown.figures) == FIGURES
    assert max(len(text) for text in shown.figures.values()) < 100_000
    assert len(shown.trial_notes) <= 12 + 20
