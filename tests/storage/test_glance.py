"""A look at a store without Optuna: what it finds, and that every change is seen."""

import _made_studies
import optuna
import pytest
from optuna.trial import TrialState

from tuner.storage import glance
from tuner.storage.connect import open_storage


@pytest.fixture
def store(store_url):
    return open_storage(store_url)


@pytest.fixture
def study(store):
    return _made_studies.study(*(_made_studies.trial(number) for number in range(4)), store=store)


def compare(study, store):
    _made_studies.compare(study, store)


def add_failed(study, _store):
    study.add_trial(_made_studies.trial(96))


def wait(study, _store):
    study.enqueue_trial({"variant": "none"})


def note(study, _store):
    study.set_user_attr("n_validation", 17)


@pytest.mark.parametrize("change", [add_failed, wait, note, compare])
def test_every_change_is_another_stamp(study, store, store_url, change):
    before = glance.at_rest("mine", store_url).stamp
    assert glance.at_rest("mine", store_url).stamp == before
    change(study, store)
    assert glance.at_rest("mine", store_url).stamp != before


def test_what_waits_in_a_comparison_is_another_stamp_too(study, store, store_url):
    compare(study, store)
    before = glance.at_rest("mine", store_url).stamp
    optuna.load_study(study_name="mine/compare", storage=store).enqueue_trial({"rate": 0.5})
    assert glance.at_rest("mine", store_url).stamp != before


@pytest.mark.parametrize("name", ["LOKY_MAX_CPU_COUNT", "version"])
def test_other_cores_and_another_version_are_another_stamp(study, store_url, name, monkeypatch):
    before = glance.at_rest("mine", store_url).stamp
    if name == "version":
        monkeypatch.setattr(glance, "__version__", "99")
    else:
        monkeypatch.setenv(name, "63")
    assert glance.at_rest("mine", store_url).stamp != before


def test_a_study_of_which_something_runs_does_not_rest(study, store, store_url):
    compare(study, store)
    assert glance.at_rest("mine", store_url) is not None
    optuna.load_study(study_name="mine/compare", storage=store).ask()
    assert glance.at_rest("mine", store_url) is None


def test_it_counts_and_keeps_documents(study, store_url):
    study.add_trial(_made_studies.trial(12))
    study.enqueue_trial({})
    rest = glance.at_rest("mine", store_url)
    assert (rest.finished, rest.waiting) == (5, 1)
    assert rest.ended == max(t.datetime_complete for t in study.get_trials(states=DONE))
    for value in ({"a": [1, "ü"]}, ["other"]):
        glance.keep(store_url, rest.study_id, "tuner:told", value)
        found = glance.at_rest("mine", store_url)
        assert found.kept == {"tuner:told": value}
        assert found.stamp == rest.stamp
    assert glance.at_rest("min", store_url) is None


DONE = (TrialState.COMPLETE, TrialState.PRUNED)


def test_the_latest_study_is_no_comparison(study, store, store_url):
    compare(study, store)
    assert glance.names(store_url) == ["mine", "mine/compare"]
    assert glance.latest(store_url) == "mine"


@pytest.mark.parametrize(
    "url",
    ["sqlite:///none.db", "sqlite:///x.txt", "postgresql://nobody@127.0.0.1:1/none", "nonsense"],
)
def test_what_cannot_be_looked_at_is_no_error_and_makes_no_file(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.txt").write_text("no database")
    assert glance.latest(url) is None
    assert glance.at_rest("mine", url) is None
    glance.keep(url, 1, "tuner:told", {})
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_a_store_that_is_locked_is_not_waited_for_long(new_store, tmp_path):
    url = new_store(tmp_path / "locked.db")
    made = _made_studies.study(_made_studies.trial(0), store=open_storage(url))
    rest = glance.at_rest("mine", url)
    with made._storage._backend.engine.begin():  # writes
        assert glance.at_rest("mine", url) == rest
        glance.keep(url, rest.study_id, "tuner:told", {})
    assert glance.at_rest("mine", url).kept == {}
