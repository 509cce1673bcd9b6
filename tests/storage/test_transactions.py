"""Who may write a trial, on both databases."""

import optuna
import pytest
from _claims import claim, in_processes, waiting
from optuna.trial import TrialState

from tuner.storage import tables, transactions
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.lease import LostTrialError


@pytest.fixture
def study(store_url):
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    return study


@pytest.fixture
def other(store_url, study):
    return optuna.load_study(study_name="s", storage=open_storage(store_url))


def test_what_may_pass_is_tried_again_three_times(study):
    for left in (True, True, False):
        assert claim(study).number == 0
        assert study._storage.retry("MemoryError: GPU") is left
    assert study.get_trials()[0].user_attrs["error"].endswith("attempts: MemoryError: GPU")


def test_the_same_that_lies_in_the_trial_twice_in_a_row_is_enough(study):
    reasons = ("crash at 1", "crash at 2", "crash at 2")
    for reason, left in zip(reasons[1:], (True, False), strict=True):
        assert claim(study).number == 0
        assert study._storage.retry(reason, is_own=True) is left
    for reason, left in zip(reasons, (True, True, False), strict=True):
        assert claim(study).number == 1
        assert study._storage.retry(reason, is_own=True) is left
    errors = [trial.user_attrs.get("error") for trial in study.get_trials()]
    assert errors[:2] == [f"given up after {n} attempts: crash at 2" for n in (2, 3)]


def test_an_end_is_told_once(study):
    trial = claim(study)
    given = (study._storage.database, trial._trial_id, study._storage.lease, tables.TrialRecord())
    transactions.finish(*given, TrialState.COMPLETE, [0.5])
    for value in (0.5, 0.6):
        with pytest.raises(LostTrialError):
            transactions.finish(*given, TrialState.COMPLETE, [value])
    assert study._storage.database.get_trial(trial._trial_id).value == 0.5


def test_a_study_that_was_deleted_loses_its_trials(study, other):
    trial = claim(study)
    optuna.delete_study(study_name="s", storage=other._storage)
    with pytest.raises(LostTrialError):
        study.tell(trial, 0.5)


def claim_all(url, barrier, claimed):
    study = optuna.load_study(study_name="s", storage=open_storage(url))
    barrier.wait(100)
    numbers = []
    while (trial := claim(study)) is not None:
        numbers.append(trial.number)
        study.tell(trial, float(trial.number))
    claimed.put(numbers)


@pytest.mark.slow
def test_of_200_trials_and_4_processes_none_is_claimed_twice(study, store_url):
    enqueue(study._storage.database, study._study_id, lambda *_: waiting(197))
    claimed = in_processes(4, claim_all, store_url)
    assert sorted(number for numbers in claimed for number in numbers) == list(range(200))
    assert sum(map(bool, claimed)) > 1
    trials = study.get_trials(deepcopy=False)
    assert [trial.value for trial in trials] == list(range(200))
