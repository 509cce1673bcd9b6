"""The studies of a store, and which store is meant."""

import gc
from pathlib import Path

import pytest

import tuner
from tuner.api.store import url_of
from tuner.errors import StoreError, UsageError

FILES = Path("/proc/self/fd")


def test_studies_are_a_data_frame(compared):
    found = tuner.studies()
    assert list(found) == ["study", "trials", "best", "started"]
    assert list(found.study) == ["mine", "mine/compare"]
    assert found.trials[0] == 8


@pytest.mark.skipif(not FILES.is_dir(), reason="files of a process are counted on Linux")
def test_looking_again_and_again_leaves_nothing_open(compared):
    def look():
        study = tuner.open("mine")
        return tuner.studies(), study.results, study.answer, study.trials, study._repr_html_()

    look()
    gc.disable()
    try:
        before = len(list(FILES.iterdir()))
        look()
        assert len(list(FILES.iterdir())) == before
    finally:
        gc.enable()


def test_a_study_that_is_not_there_is_named_with_those_that_are(searched):
    with pytest.raises(UsageError, match="unknown study 'mien'; did you mean 'mine'"):
        tuner.open("mien")


def test_no_store_is_made_by_looking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((StoreError, UsageError)):
        tuner.open("mine")
    assert not list(tmp_path.iterdir())


def test_the_store_is_that_of_the_environment_as_for_the_commands(monkeypatch):
    monkeypatch.delenv("TUNER_STORAGE", raising=False)
    monkeypatch.delenv("OPTUNA_STORAGE", raising=False)
    assert url_of(None) == tuner.DEFAULT_STORAGE
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///b.db")
    assert url_of(None) == "sqlite:///b.db"
    monkeypatch.setenv("TUNER_STORAGE", "sqlite:///a.db")
    assert url_of(None) == "sqlite:///a.db"
    assert url_of("sqlite:///c.db") == "sqlite:///c.db"


def test_a_name_that_tuner_has_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="serach"):
        tuner.serach  # noqa: B018
