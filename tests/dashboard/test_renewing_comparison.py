"""What the dashboard shows of a study whose candidates were compared."""

import optuna
import pytest
from _dashboard import begin_comparison, finish_comparison
from optuna_dashboard import get_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects

from tuner.comparison.verdict import judge
from tuner.dashboard.renewing import renew
from tuner.study.studies import load_study

pytestmark = pytest.mark.slow


@pytest.fixture
def store(simulated):
    """A study, and its comparison: its trials wait."""
    begin_comparison(simulated)
    return simulated


def shown(store, name):
    renew(store.database, optuna.storages.get_storage(store.database))
    study = load_study(name, store)
    return get_note(study), get_plotly_graph_objects(store.get_study_system_attrs(study._study_id))


def test_without_a_comparison_there_is_no_verdict(store):
    note, figures = shown(store, "simulated")
    assert "tuner compare simulated" in note
    assert "candidates" not in figures
    assert "No trial is complete yet." in shown(store, "simulated/compare")[0]


@pytest.mark.parametrize("most", [1, 7])
def test_a_comparison_may_have_just_begun(store, most):
    finish_comparison(store, most)
    note, figures = shown(store, "simulated")
    found = judge(load_study("simulated", store), store)
    assert f"**{found.sentence}**" in note.replace("\\", "")
    assert "candidates" in figures


@pytest.mark.parametrize("name", ["simulated", "simulated/compare"])
def test_a_comparison_that_cannot_be_read_says_so(store, name):
    compared = load_study("simulated/compare", store)
    compared.set_user_attr("definition", {"name": "simulated", "colour": "red"})
    assert "colour" in shown(store, name)[0]


@pytest.mark.parametrize("name", ["simulated", "simulated/compare"])
def test_the_verdict_follows_the_comparison(store, name):
    shown(store, name)
    finish_comparison(store)
    note, figures = shown(store, name)
    found, text = judge(load_study("simulated", store), store), note.replace("\\", "")
    assert f"**{found.sentence}**" in text
    assert all(row.candidate.name in text for row in found.comparison.rows)
    assert "what dropout does on test rows" in figures["candidates"]
    assert ("value-by-rate" in figures) is (name == "simulated")
