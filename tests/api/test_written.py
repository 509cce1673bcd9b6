"""What a finished search has written: when it counts as there, and when it does not."""

import os
from pathlib import Path

import _made_studies
import pytest
from _compared import STORE
from _pages import trials

from tuner.api import written
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition

FOLDER = Path("studies") / "mine"
FILES, MODELS = [FOLDER / "trials.csv"], [FOLDER / "best.keras"]
OLD = 1_000_000_000.0


@pytest.fixture
def study(tmp_path, monkeypatch, new_store):
    monkeypatch.chdir(tmp_path)
    FOLDER.mkdir(parents=True)
    new_store(tmp_path / "studies" / "tuner.db")
    made = _made_studies.study(*trials(16), store=open_storage(STORE))
    for path in [*FILES, *MODELS]:
        path.touch()
    written.note("mine", STORE, "this", FILES, MODELS)
    return made


def definition(**given):
    return StudyDefinition.parse({"name": "mine", **given}, "test")


def test_what_is_there_is_found_for_whoever_asks_for_as_many_trials(study):
    found = written.written("mine", STORE)
    assert (found.drawn, found.models, found.asked) == (FILES, MODELS, ["this"])
    assert found.has(definition(search={"trials": 16}))
    assert not found.has(definition(search={"trials": 17}))
    assert found.report("mine") is None
    (FOLDER / "report.html").touch()
    assert found.report("mine") == FOLDER / "report.html"
    os.utime(MODELS[0], (OLD, OLD))  # of the best trial, which need not be the last
    assert written.written("mine", STORE) is not None
    written.note("mine", STORE, "that", FILES, MODELS)
    assert written.written("mine", STORE).asked == ["this", "that"]


@pytest.mark.parametrize(
    "change",
    [
        lambda study: FILES[0].unlink(),
        lambda study: MODELS[0].unlink(),
        lambda study: os.utime(FILES[0], (OLD, OLD)),
        lambda study: FILES[0].write_text("of a study of this name in another store"),
        lambda study: study.enqueue_trial({}),
        lambda study: study.ask(),
    ],
    ids=[
        "a file is gone",
        "the model is gone",
        "it is older",
        "it is another",
        "a trial waits",
        "a trial runs",
    ],
)
def test_otherwise_all_is_written_again(study, change):
    assert written.written("mine", STORE) is not None
    change(study)
    assert written.written("mine", STORE) is None


def test_a_report_that_is_older_than_the_comparison_is_written_again(study):
    path = FOLDER / "report.html"
    path.touch()
    os.utime(path, (study.trials[-1].datetime_complete.timestamp() + 9,) * 2)
    assert written.written("mine", STORE).report("mine") == path
    _made_studies.compare(study, study._storage)
    assert written.written("mine", STORE).report("mine") is None


def test_files_are_told_apart_by_size_and_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.csv"
    path.write_text("a,b\n")
    before = written.digest_of(definition(data="x.csv"))
    assert written.digest_of(definition(data="x.csv")) == before
    assert written.digest_of(definition(data="x.csv", metric="nll")) != before
    os.utime(path, (OLD, OLD))
    assert written.digest_of(definition(data="x.csv")) != before
    assert written.digest_of(definition()) == written.digest_of(definition())


@pytest.mark.parametrize("data", ["module:function", "folder"])
def test_data_that_may_be_others_tomorrow_have_no_digest(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert written.digest_of(definition(data=data)) is None
