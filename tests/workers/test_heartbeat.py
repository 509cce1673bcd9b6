"""A heart that fails is noticed."""

import itertools
import threading

import optuna
import pytest
from optuna.trial import TrialState

from tuner.errors import StoreError
from tuner.storage import transactions
from tuner.storage.connect import open_storage
from tuner.workers.heartbeat import Heartbeat


@pytest.fixture
def store(tmp_path):
    """A store, and a claimed trial of it."""
    store = open_storage(f"sqlite:///{tmp_path}/store.db", create=True)
    study = optuna.create_study(storage=store, study_name="s")
    study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING))
    store.claim(study._study_id)
    return store


@pytest.fixture
def begin(store, monkeypatch):
    """Begin signs of life that meet these errors (None: none) in turn, and wait until the next."""

    def begin(*errors):
        met, left = threading.Event(), itertools.chain(errors, itertools.repeat(errors[-1]))
        n = itertools.count()

        def beat(*_given):
            if next(n) > len(errors):
                met.set()
            error = next(left)
            if error is not None:
                raise error
            return True

        monkeypatch.setattr(transactions, "beat", beat)
        heartbeat = Heartbeat(store, 0.001)
        with heartbeat:
            assert met.wait(10)
        return heartbeat

    return begin


def test_an_error_that_nobody_expects_is_raised_between_trials(begin):
    with pytest.raises(TypeError, match="no pulse"):
        begin(TypeError("no pulse")).check()


def test_it_is_logged_once(begin, caplog):
    begin(TypeError("no pulse"))
    said = [record.getMessage() for record in caplog.records]
    assert said == ["the running trial gave no sign of life: TypeError: no pulse"]


def test_a_later_sign_of_life_makes_up_for_it(begin):
    begin(MemoryError(), None).check()


def test_a_store_that_does_not_answer_is_no_reason_to_end(begin, caplog):
    begin(StoreError("gone")).check()
    assert caplog.records == []
