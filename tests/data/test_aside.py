"""Columns of a table that are no features: group, part and order of the rows."""

import numpy as np
import pandas as pd
import pytest
from _raw_rows import LABELS, ROWS, N

from tuner.data._objects import from_object
from tuner.data.files import read
from tuner.data.loading import open_dataset
from tuner.data.settings import SplitSettings, TableSettings
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition

RNG = np.random.default_rng(0)
WHEN = RNG.permutation(N)
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(WHEN, unit="D")
TABLE = pd.DataFrame(
    {
        "a": WHEN.astype(float),
        "b": ROWS[:, 1],
        "who": np.char.add("p", RNG.integers(0, 40, N).astype(str)),
        "date": DAYS.strftime("%Y-%m-%d"),
        "part": np.array(["train", "val", "test", "train"])[np.arange(N) // 2 % 4],
        "y": LABELS,
    }
)


def opened(tmp_path, table, **training):
    path = tmp_path / "data.csv"
    table.to_csv(path, index=False)
    definition = {"data": str(path), "training": {"standardize": False, **training}}
    return open_dataset(StudyDefinition.parse(definition, "test").data_settings)


def numbers(part):
    return part.x[:, 0].astype(int)


def test_rows_are_ordered_by_a_column_that_is_no_feature(tmp_path):
    dataset = opened(tmp_path, TABLE.drop(columns=["who", "part"]), order_by="date")
    data = dataset.train_validation
    assert data.features == ("a", "b")
    assert numbers(data.train).max() < numbers(data.validation).min()
    assert numbers(data.validation).max() < numbers(dataset.test).min()


@pytest.mark.parametrize("fmt", ["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y %H:%M"])
def test_dates_are_ordered_as_dates_not_as_text(fmt, tmp_path):
    table = TABLE[["a", "b", "date", "y"]].assign(date=DAYS.strftime(fmt))
    dataset = opened(tmp_path, table, order_by="date")
    assert numbers(dataset.test).min() > numbers(dataset.train_validation.validation).max()


def test_rows_that_are_not_in_the_order_of_their_dates_are_refused(tmp_path):
    table = TABLE[["a", "b", "date", "y"]]
    (tmp_path / "data.csv").write_text(table.to_csv(index=False))
    ordered, dates = SplitSettings(split="ordered"), TableSettings(dates="drop")
    with pytest.raises(UsageError, match=r"column 'date', row \d+: earlier than the row before"):
        read(tmp_path / "data.csv", None, dates, ordered)
    in_order = table.iloc[np.argsort(WHEN)]
    (tmp_path / "data.csv").write_text(in_order.to_csv(index=False))
    raw = read(tmp_path / "data.csv", None, dates, ordered)
    assert raw.x.matrix[:, 0].tolist() == sorted(WHEN)
    newest_first = in_order.iloc[::-1]
    (tmp_path / "data.csv").write_text(newest_first.to_csv(index=False))
    with pytest.raises(UsageError, match="row 2: earlier than the row before"):
        read(tmp_path / "data.csv", None, dates, ordered)


def test_dates_that_order_the_rows_of_a_file_are_no_feature_unless_that_is_asked(tmp_path):
    table = TABLE[["a", "b", "date", "y"]].iloc[np.argsort(WHEN)]
    dataset = opened(tmp_path, table, split="ordered")
    data = dataset.train_validation
    assert data.features == ("a", "b")
    assert "column 'date': the order of the rows has it" in data.notes[1]
    assert numbers(data.train).max() < numbers(data.validation).min()
    assert numbers(data.validation).max() < numbers(dataset.test).min()
    numeric = TableSettings(dates="numeric")
    raw = read(tmp_path / "data.csv", None, numeric, SplitSettings(split="ordered"))
    assert raw.features == ("a", "b", "date")


def test_groups_are_a_column_that_is_no_feature(tmp_path):
    dataset = opened(tmp_path, TABLE[["a", "b", "who", "y"]], group="who")
    data = dataset.train_validation
    assert data.features == ("a", "b")
    assert data.notes[-1] == f"{TABLE['who'].nunique()} groups of rows stay together"
    who = TABLE.set_index("a")["who"]
    parts = [set(who[numbers(p)]) for p in (data.train, data.validation, dataset.test)]
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]


@pytest.mark.parametrize("name", ["part", "split", "Split"])
def test_a_column_says_the_parts_and_one_that_is_called_split_need_not_be_named(name, tmp_path):
    table = TABLE[["a", "b", "y", "part"]].rename(columns={"part": name})
    named = {"split_column": "part"} if name == "part" else {}
    dataset = opened(tmp_path, table, **named)
    data = dataset.train_validation
    assert data.features == ("a", "b")
    assert data.notes[1:] == ("parts as the data say: 100 train, 50 validation, 50 test rows",)
    assert sorted(numbers(dataset.test)) == sorted(TABLE["a"][TABLE["part"] == "test"].astype(int))


def test_a_column_called_split_with_other_values_is_a_feature(tmp_path):
    table = TABLE[["a", "part", "y"]].rename(columns={"part": "split"})
    table["split"] = table["split"].replace({"train": "left", "val": "right", "test": "both"})
    found = opened(tmp_path, table).train_validation.features
    assert found == ("a", "split_both", "split_left", "split_right")


@pytest.mark.parametrize("part", [None, "test"])
def test_data_frames_of_a_function_have_such_columns_too(part):
    split = SplitSettings(group="who")
    frame = TABLE[["a", "b", "who"]]
    given = (frame, LABELS) if part is None else ((frame, LABELS), (frame[:9], LABELS[:9]))
    raw = from_object(given, "mine", split=split)
    assert raw.features == ("a", "b")
    assert raw.groups.tolist() == TABLE["who"].tolist()
    if part is not None:
        assert raw.groups_test.tolist() == TABLE["who"][:9].tolist()


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"group": "whom"}, "no column 'whom'|unknown column 'whom'"),
        ({"order_by": "who"}, "column 'who', row 1: 'p.*': rows are ordered by numbers or dates"),
        ({"group": "lacking"}, "column 'lacking', row 4: no value, so that nobody knows"),
        ({"split_column": "who"}, "a row is of part 'p.*': expected train, validation or test"),
    ],
    ids=["unknown", "names", "missing", "no parts"],
)
def test_columns_that_do_not_say_it_are_refused(training, words, tmp_path):
    lacking = TABLE["who"].where(np.arange(N) != 3)
    table = TABLE[["a", "b", "who", "y"]]
    if "lacking" in training.values():
        table = table.assign(lacking=lacking)[["a", "b", "lacking", "y"]]
    with pytest.raises(UsageError, match=words):
        opened(tmp_path, table, **training)


def test_a_column_of_lists_says_no_group(tmp_path):
    path = tmp_path / "data.parquet"
    TABLE[["a", "y"]].assign(who=[["p", "q"]] * N)[["a", "who", "y"]].to_parquet(path)
    with pytest.raises(UsageError, match=r"column 'who', row 1: holds list<.*>, and not one value"):
        read(path, None, split=SplitSettings(group="who"))


def test_numbers_of_rows_are_not_those_of_a_file_whose_rows_are_left_out(tmp_path):
    (tmp_path / "rows.txt").write_text("3\n4\n")
    table = TABLE[["a", "b", "y"]].assign(b=TABLE["b"].where(np.arange(N) != 5))
    (tmp_path / "data.csv").write_text(table.to_csv(index=False))
    split = SplitSettings(test_rows=str(tmp_path / "rows.txt"))
    with pytest.raises(UsageError, match="so that the numbers of --test-rows are of others"):
        read(tmp_path / "data.csv", None, TableSettings(missing="drop"), split)
    raw = read(tmp_path / "data.csv", None, TableSettings(missing="impute"), split)
    assert len(raw.x) == N
