"""What a study file may say, and the one line for what it may not."""

import pytest
from pydantic import ValidationError

from tuner.errors import UsageError
from tuner.models import DEFAULT_AXES
from tuner.study import study_file
from tuner.study.definition import DEFAULT_METRIC, METRICS, StudyDefinition

FULL = {
    "name": "all-of_it.1",
    "data": "table.csv",
    "target": "price",
    "task": "regression",
    "model": "my_module:build",
    "metric": "mae",
    "space": {
        "variant": ["none", "gaussian", "scheduled"],
        "rate": {"low": 0.0, "high": 0.8},
        "width": [128, 256],
        "depth": 2,
        "units": {"low": 8, "high": 64, "step": 8},
        "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "batch_norm": [True, False],
        "optimizer": "sgd",
        "gaussian": {"rate": [0.1, 0.5]},
        "scheduled": {"shape": ["late"], "cutoff": {"low": 0.1, "high": 0.5}},
    },
    "training": {"epochs": 3, "train_size": 800, "standardize": False},
    "search": {"trials": 7, "sampler": "random", "seed": 2**32 - 1},
    "compare": {"seeds": 5},
}

TABLES = [{}, FULL, {"space": {"variant": "none", "gaussian": {}}}, {"space": {"rate": 0}}]

BAD = [
    ({"trainig": {}}, "unknown key 'trainig'; did you mean 'training'?"),
    ({"training": {"epoch": 3}}, "unknown key 'training.epoch'; did you mean 'training.epochs'?"),
    ({"space": {"x": {"low": 1, "high": 2, "lgo": True}}}, "space.x: unknown key 'lgo'; did you"),
    ({"epochs": 3}, "unknown key 'epochs': it belongs in [training]"),
    ({"training": {"trials": 3}}, "unknown key 'training.trials': it belongs in [search]"),
    ({"search": {"epochs": 3}}, "unknown key 'search.epochs': it belongs in [training]"),
    ({"seeds": 3}, "unknown key 'seeds': it belongs in [compare]"),
    ({"data": 3}, "data: expected a valid string, got 3"),
    (
        {"task": "clustering"},
        "task: expected 'classification', 'regression', 'multilabel' or 'own'",
    ),
    ({"training": 3}, "training: expected"),
    ({"training": {"epochs": "3"}}, "training.epochs: expected a valid integer, got '3'"),
    ({"training": {"epochs": True}}, "training.epochs: expected a valid integer, got True"),
    ({"training": {"epochs": 0}}, "training.epochs: expected greater than or equal to 1, got 0"),
    ({"training": {"learning_rate": 0}}, "training.learning_rate: expected greater than 0"),
    ({"training": {"learning_rate": float("inf")}}, "training.learning_rate: expected"),
    ({"training": {"test_split": 1.0}}, "training.test_split: expected less than 1, got 1.0"),
    ({"search": {"seed": 2**32}}, "search.seed: expected less than 4294967296"),
    ({"compare": {"seeds": 1}}, "compare.seeds: expected greater than or equal to 2, got 1"),
    ({"space": 3}, "space: expected a table"),
    ({"space": {"rate": 1}}, "space.rate: a rate is the probability of dropping, 0 <= rate < 1"),
    ({"space": {"rate": -0.1}}, "0 <= rate < 1, got -0.1"),
    ({"space": {"rate": True}}, "0 <= rate < 1, got True"),
    ({"space": {"rate": "half"}}, "0 <= rate < 1, got 'half'"),
    ({"space": {"rate": [0.5, 1.0]}}, "0 <= rate < 1, got 1.0"),
    ({"space": {"rate": {"low": 0.0, "high": 1.0}}}, "0 <= rate < 1, got 1.0"),
    ({"space": {"gaussian": {"rate": 1.0}}}, "space.gaussian.rate: a rate is the probability"),
    ({"space": {"width": []}}, "space.width: expected at least one choice, got an empty list"),
    ({"space": {"variant": []}}, "space.variant: expected at least one name, got an empty list"),
    ({"space": {"variant": [1]}}, "space.variant: expected a list of names, got [1]"),
    ({"space": {"width": [64, 64]}}, "space.width: a choice is listed twice"),
    ({"space": {"width": [64, 64.0]}}, "space.width: a choice is listed twice"),
    ({"space": {"width": [[64]]}}, "space.width: expected a number, a name, a list of them"),
    ({"space": {"width": float("nan")}}, "space.width: expected a number"),
    ({"space": {"width": {"low": 3, "high": 2}}}, "space.width: low 3 must not be above high 2"),
    ({"space": {"width": {"low": 3}}}, "space.width: high: Field required"),
    ({"space": {"x": {"low": 0, "high": float("inf")}}}, "space.x: low 0 must not be above"),
    ({"space": {"x": {"low": 0, "high": 10**400}}}, "space.x: "),
    ({"space": {"x": {"low": 0, "high": 1, "log": True}}}, "a log range needs low above 0"),
    ({"space": {"x": {"low": 1, "high": 9, "log": True, "step": 1}}}, "and no step"),
    ({"space": {"x": {"low": 1, "high": 9, "step": 0}}}, "space.x: step must be above 0, got 0"),
    ({"space": {"x": {"low": 1, "high": 9, "step": float("nan")}}}, "space.x: step must be above"),
    ({"space": {"gaussian": {"x": {"low": 2, "high": 1}}}}, "space.gaussian.x: low 2 must not"),
    ({"metric": "acuracy"}, "metric: unknown metric 'acuracy'; did you mean 'accuracy'?"),
    ({"name": "../x"}, "name: '../x' is no study name"),
    ({"name": "x\n"}, "is no study name"),
    ({"name": ""}, "name: '' is no study name"),
    ({"name": "x" * 101}, "is no study name"),
]


def parse(table):
    return StudyDefinition.parse(table, "my.toml")


@pytest.mark.parametrize(("table", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_key_gives_one_line_with_the_source(table, words):
    with pytest.raises(UsageError) as caught:
        parse(table)
    message = str(caught.value)
    assert message.startswith("my.toml: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_table_parses_back_to_the_same_definition(table):
    definition = parse(table)
    assert parse(definition.to_table()) == definition


def test_table_holds_what_the_study_file_says():
    table = parse(FULL).to_table()
    for section in ("training", "search", "compare"):
        assert FULL[section].items() <= table[section].items()
    assert table["space"]["scheduled"] == FULL["space"]["scheduled"] | {
        "cutoff": {"low": 0.1, "high": 0.5, "log": False}
    }


@pytest.mark.parametrize(
    ("part", "key"),
    [("", "name"), ("space", "axes"), ("training", "epochs"), ("search", "trials")],
)
def test_definition_is_frozen(part, key):
    definition = parse({})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(getattr(definition, part, definition), key, 1)


def test_default_file_has_the_axes_that_are_searched_without_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert study_file.read("noisy_digits", {}).space.axes == DEFAULT_AXES


@pytest.mark.parametrize("part", ["training", "search", "compare", "data", "model"])
def test_default_file_says_the_built_in_defaults(part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = study_file.read("noisy_digits", {"training.split_seed": None})
    assert getattr(said, part) == getattr(StudyDefinition(), part)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_default_metric_is_of_its_task(task):
    assert task in METRICS[DEFAULT_METRIC[task]].tasks


def test_how_tables_are_read_is_part_of_the_definition():
    said = {"separator": ";", "header": False, "ignore": ["id"], "missing": "impute"}
    found = StudyDefinition.parse({"data": "t.csv", "table": said}, "t.toml")
    assert found.data_settings.table.ignore == ("id",)
    assert StudyDefinition.parse(found.to_table(), "the store") == found
    with pytest.raises(UsageError, match=r"'separator'.* belongs in \[table\]"):
        StudyDefinition.parse({"data": "t.csv", "separator": ";"}, "t.toml")


def test_a_study_of_before_reads_tables_as_it_did():
    table = StudyDefinition().to_table()
    del table["table"]
    assert StudyDefinition.parse(table, "the store") == StudyDefinition()
