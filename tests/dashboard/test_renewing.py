"""What the dashboard shows of a study: written once a change, by one process, whole."""

import json
import re
import threading
import time

import optuna
import pytest
import sqlalchemy
from click.testing import CliRunner
from optuna_dashboard import get_note, save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from plotly import graph_objects as go
from simulated.stored import make_study

from tuner.cli.main import cli
from tuner.dashboard import figures, thinning, writing
from tuner.dashboard.notes import MARK
from tuner.dashboard.renewing import renew, show
from tuner.storage.connect import open_storage
from tuner.storage.tables import TRIALS, USER_ATTRS
from tuner.study.reading import read
from tuner.study.studies import load_study

FIGURES = {"value-by-rate", "variants", "learning-curves", "learned-rates"}


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
def store(tmp_path):
    return make_study(f"sqlite:///{tmp_path}/s.db", 150, 4)


@pytest.fixture
def either_store(store_url):
    return make_study(store_url, 150, 4)


def test_a_note_and_figures_are_shown(either_store):
    assert renew(either_store.database, storage_of(either_store)) == ["simulated"]
    note = get_note(load_study("simulated", either_store))
    assert note.startswith(MARK)
    assert "with validation accuracy" in note
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


def test_one_of_many_processes_renews(either_store):
    study_id = load_study("simulated", either_store)._study_id
    barrier, won = threading.Barrier(8), []

    def take(_):
        database = open_storage(either_store.database.place.render_as_string(False)).database
        barrier.wait(30)
        if writing.claim(database, study_id, "new", time.time(), 60.0):
            won.append(1)
        database.engine.dispose()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert not writing.claim(either_store.database, study_id, "new", time.time() + 59, 60.0)
    assert writing.claim(either_store.database, study_id, "new", time.time() + 61, 60.0)


def test_leaders_and_the_first_that_failed_have_notes(store):
    renew(store.database, storage_of(store))
    noted = {
        int(key.split(":")[1])
        for key in attrs(store)
        if re.fullmatch(r"dashboard:\d+:note_ver", key)
    }
    trials = {t._trial_id: t for t in load_study("simulated", store).get_trials()}
    failed = [t for t in trials.values() if t.state.name == "FAIL"]
    leaders = {trials[n].user_attrs["params"]["variant"] for n in noted if trials[n].values}
    assert len(noted) == len(leaders) + len(failed)
    assert len(leaders) == 12
    first = failed[0]._trial_id
    assert "out of memory" in attrs(store)[f"dashboard:{first}:note_str:0"]


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


def test_refresh_writes_once_and_ends(store):
    url = store.database.place.render_as_string(hide_password=False)
    asked = ["dashboard", "--refresh", "--storage", url]
    done = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert done.stdout == "renewed: simulated\n"
    assert get_note(load_study("simulated", store)).startswith(MARK)
    assert CliRunner().invoke(cli, asked).stdout == "everything is as it was\n"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A storage that has read 3,000 trials."""
    store = make_study(f"sqlite:///{tmp_path_factory.mktemp('many')}/s.db", 3000, 2)
    return storage_of(store)


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


def test_notes_show_text_as_it_is(store):
    study = load_study("simulated", store)
    failed = next(t for t in study.get_trials() if t.state.name == "FAIL")
    evil = json.dumps("a | b <script>x</script> [x](javascript:x) `y`")
    changed = USER_ATTRS.update().where(
        USER_ATTRS.c.trial_id == failed._trial_id, USER_ATTRS.c.key == "error"
    )
    store.database.run(lambda each: each.execute(changed.values(value_json=evil)))
    storage = storage_of(store)
    text = show(load_study("simulated", storage)).trial_notes[failed._trial_id]
    assert r"a \| b \<script\>x\</script\> \[x\](javascript:x) \`y\`" in text
