"""Which studies a worker keeps open."""

import optuna
import pytest

from tuner.errors import UsageError
from tuner.storage.connect import open_storage
from tuner.workers import open_studies
from tuner.workers.open_studies import OpenStudies
from tuner.workers.service import Service

NAMES = "abcde"


class Heard:
    def __init__(self):
        self.said = []

    def notice(self, text):
        self.said.append(text)


@pytest.fixture
def opened(tmp_path, new_store, monkeypatch):
    """Open a study by its name; those that were made anew are in `opened.made`."""
    store = open_storage(new_store(tmp_path / "store.db"))
    for name in NAMES:
        optuna.create_study(storage=store, study_name=name)

    def make(study, *_, **__):
        opened.made.append(study.study_name)
        if study.study_name == "e":
            raise UsageError("other data")
        return study.study_name

    monkeypatch.setattr(open_studies, "make_runnable", make)

    def opened(wanted, **asked):
        opened.made, opened.heard = [], Heard()
        service = Service("", asked.pop("names", ()), None, 15.0, lambda _: opened.heard, **asked)
        studies = OpenStudies(service, store)
        return studies, [studies.open(name) for name in wanted]

    return opened


def test_those_used_last_stay_open(opened):
    _, found = opened("abcdabcd")
    assert found == list("abcdabcd")
    assert opened.made == list("abcd")


def test_the_one_that_was_used_longest_ago_is_closed_for_another(opened, monkeypatch):
    monkeypatch.setattr(open_studies, "_MAX_STUDIES", 2)
    opened("abacab")
    assert opened.made == list("abcb")


def test_one_that_cannot_be_run_here_is_left_to_others_and_that_is_said(opened):
    studies, found = opened("aea")
    assert found == ["a", None, "a"]
    assert studies.is_left_out("e")
    assert not studies.is_left_out("a")
    (said,) = opened.heard.said
    assert said.startswith("left to other workers: other data (on ")


def test_one_that_was_named_is_an_error_unless_the_worker_watches(opened):
    with pytest.raises(UsageError, match=r"other data \(on "):
        opened("e", names=("e",))
    _, found = opened("e", names=("e",), watch=True)
    assert found == [None]
