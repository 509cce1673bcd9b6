"""While a long study goes on its answer is in the store before anybody asks for it."""

import itertools
import os

import _compared
import _made_studies
import pytest
from _compared import STORE
from _pages import trials
from optuna.trial import TrialState

from tuner.api.progress import Silent
from tuner.cli import told
from tuner.cli.ahead import Ahead, is_turn
from tuner.storage import glance
from tuner.storage.connect import open_storage
from tuner.workers.messages import Began, Ended
from tuner.workers.watch import Limits

FIRST = 15


@pytest.fixture
def study(place, new_store):
    (place / "studies").mkdir()
    new_store(place / "studies" / "tuner.db")
    study = _made_studies.study(*trials(16), store=open_storage(STORE))
    study.enqueue_trial({})
    study.ask()
    return study


def said():
    return glance.kept(STORE, "mine").get("tuner:told")


def end(ahead, number, *, is_over=True):
    ahead.hear(Began(os.getpid(), "mine", number, Limits()))
    ahead.hear(Ended(number, os.getpid(), is_over=is_over))
    if ahead._process is not None:
        ahead._process.join()


def test_it_is_made_when_the_turn_comes_and_not_before(study):
    ahead = Ahead(STORE, FIRST)
    end(ahead, FIRST - 1)
    end(ahead, FIRST, is_over=False)  # it went back to the queue
    assert ahead._process is None
    end(ahead, FIRST)
    assert ahead._process.exitcode == 0
    assert said()["told"]["document"]["answer"]
    assert said()["stamp"] is None  # a trial runs: it is not said of a study that rests


def test_a_search_tells_it_of_every_trial_that_ends(study):
    ahead = Ahead(STORE, FIRST)
    listener = ahead.listening(lambda name: Silent())("mine")
    results = _compared.results()
    listener.trial(results, FIRST - 1, 12)
    assert ahead._process is None
    listener.trial(results, FIRST, 12)
    ahead._process.join()
    assert said()["told"]["lines"]


def test_a_study_that_is_gone_is_no_error_of_a_worker(study, capfd):
    ahead = Ahead(STORE, FIRST)
    ahead.ended("gone", FIRST)
    ahead._process.join()
    assert ahead._process.exitcode == 0
    assert capfd.readouterr().err == ""


def test_nothing_is_made_for_a_store_that_keeps_nothing():
    ahead = Ahead("http://127.0.0.1:1", FIRST)
    end(ahead, FIRST)
    assert ahead._process is None


def test_an_answer_serves_until_the_next_turn():
    turns = [number for number in range(20_001) if is_turn(number)]
    assert turns[0] == 1000
    assert all(after <= 1.045 * before for before, after in itertools.pairwise(turns))
    assert 60 < len(turns) < 90


def test_when_nothing_runs_any_more_long_studies_that_have_ended_get_theirs(study, monkeypatch):
    ahead = Ahead(STORE, FIRST)
    monkeypatch.setattr(told, "MANY", 5)
    ahead.over()
    assert said() is None  # no trial of it began here
    ahead.hear(Began(os.getpid(), "mine", 0, Limits()))
    ahead.over()
    assert said() is None  # one runs
    study.tell(len(study.trials) - 1, state=TrialState.FAIL)
    ahead.over()
    assert said()["told"]["document"]["best"]
