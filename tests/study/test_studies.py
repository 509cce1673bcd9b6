"""Definition + storage -> Optuna study: its identity, its queue, its samplers and pruners."""

import optuna
import pytest
from _spaces import DEFINITION, SPACE

from tuner.errors import StoreError, UsageError
from tuner.storage.connect import open_storage
from tuner.study import studies
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.studies import check_names, definition_of, load_study, open_study


@pytest.fixture
def storage(tmp_path, new_store):
    return open_storage(new_store(tmp_path / "store.db"))


@pytest.fixture
def study(storage):
    return open_study(DEFINITION, "abc", storage)


def changed(**table):
    base = {"name": "mine", "metric": "accuracy"}
    return StudyDefinition.parse(base | table, "test")


def test_a_study_whose_maker_was_ended_is_made_whole(storage, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(studies, "versions", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_study(DEFINITION, "abc", storage)
    open_study(DEFINITION, "abc", storage)
    assert definition_of(open_study(DEFINITION, "abc", storage)) == DEFINITION


def test_new_study_remembers_its_definition_and_its_data(study):
    assert definition_of(study) == DEFINITION
    assert study.user_attrs["data"] == "abc"
    assert study.metric_names == ["accuracy"]


@pytest.mark.parametrize(
    ("metric", "direction"), [("accuracy", "MAXIMIZE"), ("nll", "MINIMIZE"), ("mae", "MINIMIZE")]
)
def test_direction_of_a_study_follows_from_its_metric(storage, metric, direction):
    assert open_study(changed(metric=metric), "abc", storage).direction.name == direction


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"search": {"trials": 7}},
        {"compare": {"seeds": 3}},
        {"data": "moved/elsewhere.csv"},
    ],
    ids=str,
)
def test_study_is_continued_with_another_budget_or_place_of_its_data(study, storage, table):
    fill_queue(study, SPACE, DEFINITION, 3)
    again = open_study(changed(**table), "abc", storage)
    assert len(again.get_trials()) == 3


def test_the_limits_of_a_study_may_change_and_are_kept_for_those_who_read_it(study, storage):
    again = open_study(changed(training={"max_seconds": 60.0}), "abc", storage)
    assert definition_of(again).training.max_seconds == 60.0
    assert definition_of(open_study(DEFINITION, "abc", storage)) == DEFINITION


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"training": {"epochs": 3}}, "training.epochs was 20, now 3"),
        ({"training": {"train_size": 99}}, "training.train_size was unset, now 99"),
        ({"search": {"seed": 1}}, "search.seed was 0, now 1"),
        ({"search": {"sampler": "random"}}, "search.sampler was curves, now random"),
        ({"model": "cnn"}, "model was mlp, now cnn"),
        ({"metric": "nll"}, "metric was accuracy, now nll"),
        ({"space": {"depth": 3}}, "space.depth was unset, now 3"),
        ({"space": {"gaussian": {"rate": 0.5}}}, "space.gaussian.rate was unset, now 0.5"),
    ],
    ids=str,
)
def test_study_of_another_definition_is_refused_by_its_key(study, storage, table, words):
    with pytest.raises(StoreError, match=f"'mine' exists .+{words}.+give --name"):
        open_study(changed(**table), "abc", storage)


def test_study_of_other_data_is_refused(study, storage):
    with pytest.raises(StoreError, match="the data are others"):
        open_study(DEFINITION, "other", storage)


def test_unknown_study_names_those_there_are(study, storage):
    with pytest.raises(UsageError, match=r"study 'mien'; did you mean 'mine'\? \(valid: mine\)"):
        load_study("mien", storage)


def test_study_of_another_program_is_refused():
    with pytest.raises(StoreError, match="was not created by tuner"):
        definition_of(optuna.create_study())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"data": "digit"}, "data set 'digit'; did you mean 'digits'"),
        ({"model": "mpl"}, "model 'mpl'; did you mean 'mlp'"),
        ({"search": {"sampler": "tpee"}}, "sampler 'tpee'; did you mean 'tpe'"),
        ({"search": {"sampler": "cmaes"}}, "unknown sampler 'cmaes'"),
        ({"search": {"pruner": "hyper"}}, "pruner 'hyper'; did you mean 'hyperband'"),
        ({"space": {"variant": ["none", "gausian"]}}, "'gausian'; did you mean 'gaussian'"),
        ({"space": {"gausian": {"rate": 0.5}}}, "variant 'gausian'; did you mean 'gaussian'"),
    ],
    ids=str,
)
def test_name_that_is_in_no_table_is_refused(table, words):
    with pytest.raises(UsageError, match=words):
        check_names(changed(**table))


@pytest.mark.parametrize(
    "table",
    [{}, {"data": "x.csv"}, {"data": "m:load"}, {"model": "best.keras"}, {"model": "m:build"}],
    ids=str,
)
def test_names_files_and_functions_pass_the_check(table):
    check_names(changed(**table))


@pytest.mark.parametrize(
    ("task", "training", "expected"),
    [
        ("regression", {"standardize": True}, True),
        ("regression", {"standardize": True, "standardize_targets": False}, False),
        ("classification", {"standardize": True}, None),
    ],
)
def test_targets_of_a_study_from_before_there_was_a_key_for_it_were_standardized(
    study, task, training, expected
):
    table = {"name": "mine", "task": task, "training": training}
    study.set_user_attr("definition", table)
    assert definition_of(study).training.standardize_targets is expected
