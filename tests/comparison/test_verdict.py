"""Where there is no verdict, and where a comparison cannot be read."""

import _made_studies
import optuna
import pytest
from _compared import STORE, companion, load, results

from tuner.comparison.verdict import NotComparedError, judge, judge_if_compared
from tuner.errors import UsageError
from tuner.storage.connect import open_storage


@pytest.fixture
def store():
    return optuna.storages.InMemoryStorage()


@pytest.fixture
def parent(store):
    return _made_studies.study(*map(_made_studies.trial, range(8)), store=store)


def test_a_study_without_a_comparison_has_no_verdict(parent, store):
    assert judge_if_compared(parent, store) is None
    with pytest.raises(NotComparedError, match="tuner compare mine"):
        judge(parent, store)


def test_a_comparison_without_a_complete_trial_has_no_verdict(parent, store):
    begun = optuna.create_study(study_name="mine/compare", storage=store, direction="maximize")
    for key, value in {**parent.user_attrs, "finalists": [], "seeds": [1], "n_test": 9}.items():
        begun.set_user_attr(key, value)
    assert judge_if_compared(parent, store) is None
    with pytest.raises(NotComparedError, match="no trial"):
        judge(parent, store)


def test_a_comparison_has_a_verdict(parent, store):
    _made_studies.compare(parent, store)
    assert judge_if_compared(parent, store).study == "mine"


def test_a_comparison_that_cannot_be_read_is_not_passed_over(parent, store):
    _made_studies.compare(parent, store)
    compared = optuna.load_study(study_name="mine/compare", storage=store)
    compared.set_user_attr("definition", {"name": "mine", "colour": "red"})
    with pytest.raises(UsageError, match="colour"):
        judge_if_compared(parent, store)


def test_a_search_that_was_not_compared_says_so_and_so_does_a_comparison_that_waits(searched):
    found = open_storage(STORE)
    with pytest.raises(UsageError, match="has not been compared: tuner compare mine"):
        judge(load(), found)
    companion(results())
    with pytest.raises(UsageError, match="no trial of the comparison"):
        judge(load(), found)
