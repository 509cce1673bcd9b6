"""What the dashboard shows of a study: written once a change, by one process, whole."""

import json

import optuna
import pytest
import sqlalchemy
from optuna_dashboard import get_note, save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from plotly import graph_objects as go
from simulated.stored import make_study

from tuner.dashboard import writing
from tuner.dashboard.notes import MARK
from tuner.dashboard.renewing import renew
from tuner.storage.tables import TRIALS
from tuner.study.studies import load_study

FIGURES = {"answer", "value-by-rate", "learning-curves", "learned-rates"}


def storage_of(store):
    return optuna.storages.get_storage(store.database)


def attrs(store, name="simulated"):
    study = load_study(name, store)
    return store.get_study_system_attrs(study._study_id)


def finish_one_more(store):
    """A trial that had failed is complete after all."""
    failed = sqlalchemy.select(TRIALS.c.trial_id).where(TRIALS.c.state == "FAIL").limit(1)
    waiting = TRIALS.update().where(TRIALS.c.trial_id.in_(failed)).values(state="WAITING")
    store.database.run(lambda connection: connection.execute(waiting))


@pytest.fixture
def store(simulated):
    return simulated


@pytest.fixture
def either_store(store_url):
    return make_study(store_url, 150, 6)


def test_a_note_and_figures_are_shown(either_store):
    assert renew(either_store.database, storage_of(either_store)) == ["simulated"]
    note = get_note(load_study("simulated", either_store))
    assert note.startswith(MARK)
    assert "**Answer:** " in note
    assert "(standard error 0.0" in note
    assert "|\u2003variational |" in note.replace("| \u2003", "|\u2003")
    assert "`tuner search studies/simulated/study.toml --name simulated-again`" in note
    figures = get_plotly_graph_objects(attrs(either_store))
    assert set(figures) == FIGURES
    for text in figures.values():
        assert go.Figure(json.loads(text)).data


def test_what_has_not_changed_is_not_written_again(store):
    storage = storage_of(store)
    renew(store.database, storage)
    before = attrs(store)
    assert renew(store.database, storage) == []
    finish_one_more(store)
    assert renew(store.database, storage_of(store)) == ["simulated"]
    assert before[writing.STAMP] != attrs(store)[writing.STAMP]


def test_what_a_reader_has_written_above_stays(either_store):
    study = load_study("simulated", either_store)
    save_note(study, "Mine: *keep* it.")
    renew(either_store.database, storage_of(either_store))
    finish_one_more(either_store)
    renew(either_store.database, storage_of(either_store))
    note = get_note(study)
    assert note.startswith(f"Mine: *keep* it.\n\n{MARK}\n")
    assert note.count(MARK) == 1
    assert attrs(either_store)["dashboard:note_ver"] == 1  # whoever edits meanwhile can save


def test_a_study_of_others_is_left_alone(store):
    optuna.create_study(study_name="other", storage=store)
    assert renew(store.database, storage_of(store)) == ["simulated"]
    assert attrs(store, "other") == {}


def test_a_study_that_cannot_be_read_says_so_and_keeps_nobody_waiting(store):
    broken = optuna.create_study(study_name="broken", storage=store)
    broken.set_user_attr("definition", {"name": "broken", "colour": "red"})
    assert set(renew(store.database, storage_of(store))) == {"broken", "simulated"}
    assert "colour" in get_note(broken)
    assert renew(store.database, storage_of(store)) == []
