"""Of many trials few are drawn, and the best among them."""

import re

import optuna
import pytest
from simulated.stored import make_study

from tuner.dashboard import figures, thinning
from tuner.dashboard.renewing import show
from tuner.study.reading import read
from tuner.study.studies import load_study

FIGURES = {"value-by-rate", "variants", "learning-curves", "learned-rates"}


def storage_of(store):
    return optuna.storages.get_storage(store.database)


@pytest.fixture
def store(simulated):
    return simulated


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A storage that has read 3,000 trials."""
    store = make_study(f"sqlite:///{tmp_path_factory.mktemp('many')}/s.db", 3000, 2)
    return storage_of(store)


@pytest.mark.slow
def test_figures_of_many_trials_stay_small(many):
    shown = show(load_study("simulated", many))
    assert set(shown.figures) == FIGURES
    assert max(len(text) for text in shown.figures.values()) < 100_000
    assert len(shown.trial_notes) <= 12 + 20


def test_a_figure_says_how_many_trials_there_are_and_draws_the_best(many):
    study = load_study("simulated", many)
    figure = figures.figure_of(dict(figures.plots(read(study)))["variants"])
    labels = figure.layout.yaxis.ticktext
    n_complete = sum(trial.state.name == "COMPLETE" for trial in study.get_trials(deepcopy=False))
    assert sum(int(re.search(r"n=(\d+)", label)[1]) for label in labels) == n_complete
    drawn = [len(trace.x) for trace in figure.data]
    assert max(drawn) <= thinning.MOST_POINTS < n_complete / 12
    assert "at most 80 points of a kind" in figure.layout.title.text
    best = max(x for trace in figure.data for x in trace.x)
    assert best == pytest.approx(study.best_value, abs=1e-4)
