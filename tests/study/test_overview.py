"""How far a study is, and whether it goes on."""

import _made_studies
import pytest
import sqlalchemy

from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.overview import overview
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import claim

DEFINITION = StudyDefinition.parse({"metric": "accuracy", "search": {"trials": 4}}, "test")
BRANCHES = {"none": Branch(None, {}), "standard": Branch(SHARED_RATE, {})}
SPACE = SearchSpace({}, ("none", "standard"), BRANCHES)


@pytest.fixture
def study(tmp_path, new_store):
    study = open_study(DEFINITION, "abc", open_storage(new_store(tmp_path / "store.db")))
    fill_queue(study, SPACE, DEFINITION, 4)
    return study


def end(study, seconds=2.0, epochs=10):
    trial = claim(study, DEFINITION)
    trial.set_user_attr("params", SPACE.suggest(trial))
    trial.set_user_attr("seconds", seconds)
    curve = [0.5] * epochs
    names = ("train_loss", "val_loss", "train_accuracy", "val_accuracy")
    trial.set_user_attr("history", dict.fromkeys(names, curve))
    for step, value in enumerate(curve, start=1):
        trial.report(value, step)
    study.tell(trial, 0.5)


def test_a_study_with_trials_that_wait_goes_on(study):
    end(study)
    found = overview(study)
    assert (found.budget, found.results.counts.finished, found.is_over) == (4, 1, False)


def test_a_study_that_has_spent_its_budget_is_over(study):
    for _ in range(4):
        end(study)
    found = overview(study)
    assert found.is_over
    assert found.eta == 0


def test_the_time_left_is_that_of_the_epochs_left_shared_by_the_workers(study):
    end(study)
    assert overview(study).eta is None  # nobody works
    claim(study, DEFINITION)
    found = overview(study)
    assert [worker.number for worker in found.workers] == [1]
    assert found.eta == pytest.approx(3 * 2.0)


def test_the_time_left_counts_the_epochs_of_all_folds(tmp_path, new_store):
    table = {"metric": "accuracy", "search": {"trials": 4, "folds": 5}, "training": {"epochs": 8}}
    definition = StudyDefinition.parse(table, "test")
    study = open_study(definition, "abc", open_storage(new_store(tmp_path / "folds.db")))
    fill_queue(study, SPACE, definition, 4)
    trial = claim(study, definition)
    trial.set_user_attr("params", SPACE.suggest(trial))
    trial.set_user_attr("seconds", 80.0)
    trial.report(0.5, 5)
    study.tell(trial, 0.5)
    claim(study, definition).report(0.5, 2)
    study.store.write()
    found = overview(study)
    assert found.results.trials[0].n_epochs == 40
    assert [worker.epoch for worker in found.workers] == [16]
    assert found.eta == pytest.approx((3 * 40 - 16) * 2.0)


def test_no_more_rows_are_read_of_more_trials(new_store, tmp_path):
    few, many = (rows_of(n, new_store(tmp_path / f"{n}.db")) for n in (40, 90))
    assert 0 < few == many


def rows_of(n, url):
    """The rows that are fetched for the overview of a study of `n` trials."""
    store, rows = open_storage(url), []
    trials = [_made_studies.trial(number) for number in range(n)]
    _made_studies.study(*trials, store=store)

    def count_rows(connection, _record):
        connection.row_factory = lambda _cursor, row: rows.append(row) or row

    sqlalchemy.event.listen(store.database.engine, "connect", count_rows)
    store.database.engine.dispose()
    assert overview(load_study("mine", store)).results.counts.total == n
    return len(rows)
