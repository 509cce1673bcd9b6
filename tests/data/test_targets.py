"""Targets: classes by number, or numbers by their scale."""

import numpy as np
import pytest
from _raw_rows import LABELS, NUMBERS, ROWS, N, prepared

from tuner.data._raw import RawData
from tuner.errors import UsageError


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (LABELS, ("0", "1", "2", "3")),
        (LABELS[:, None], ("0", "1", "2", "3")),
        (np.eye(4)[LABELS], ("0", "1", "2", "3")),
        (np.eye(4, dtype=int)[LABELS], ("0", "1", "2", "3")),
        (LABELS.astype(float), ("0", "1", "2", "3")),
        (LABELS.astype("float32")[:, None] - 1, ("-1", "0", "1", "2")),
        (LABELS.astype(float) * 1e9, ("0", "1000000000", "2000000000", "3000000000")),
        (LABELS > 1, ("False", "True")),
        (LABELS * 10 - 5, ("-5", "5", "15", "25")),
        (np.array(list("dcba"))[LABELS], ("a", "b", "c", "d")),
        (np.array(list("dcba"), dtype=object)[LABELS], ("a", "b", "c", "d")),
        (np.array([b"d", b"c", b"b", b"a"])[LABELS], ("a", "b", "c", "d")),
        (np.array([b"d", b"c", b"b", b"a"], object)[LABELS], ("a", "b", "c", "d")),
    ],
    ids=[
        "ints",
        "column",
        "one-hot",
        "int one-hot",
        "whole floats",
        "a column of whole floats",
        "large whole floats",
        "bools",
        "gaps",
        "text",
        "objects",
        "bytes",
        "objects of bytes",
    ],
)
def test_labels_of_any_kind_become_classes(y, classes):
    train_validation = prepared(RawData(ROWS, y)).train_validation
    assert train_validation.classes == classes
    assert train_validation.spec.task == "classification"
    assert train_validation.spec.n_outputs == len(classes)


def test_string_labels_are_numbered_in_the_order_of_classes():
    names = np.array(["b", "a", "c", "d"])
    dataset = prepared(RawData(ROWS, names[LABELS], ROWS[:4], names))
    assert dataset.test.y.tolist() == [1, 0, 2, 3]


@pytest.mark.parametrize(
    ("y", "task", "n_outputs"),
    [
        (NUMBERS, "regression", 1),
        (NUMBERS[:, None], "regression", 1),
        (np.column_stack([NUMBERS, -NUMBERS]), "regression", 2),
        (np.arange(N), "regression", 1),
        (np.arange(N) % 100, "classification", 100),
        (LABELS.astype("uint8"), "classification", 4),
        (np.column_stack([LABELS + 3, LABELS % 3]), "regression", 2),
        (np.arange(N) // 2 % 100 + 0.0, "classification", 100),
        (LABELS + 0.5, "regression", 1),
        (np.column_stack([LABELS > 0, LABELS > 1, LABELS > 2]), "multilabel", 3),
        (np.column_stack([LABELS > 0, LABELS > 1, LABELS > 2]) + 0.0, "multilabel", 3),
        (np.eye(4)[LABELS] * 0.9 + 0.025, "classification", 4),
    ],
    ids=[
        "floats",
        "column",
        "columns",
        "200 ints",
        "100 ints",
        "bytes",
        "int columns",
        "100 whole floats",
        "halves",
        "flags",
        "float flags",
        "soft labels",
    ],
)
def test_task_follows_from_the_targets(y, task, n_outputs):
    splits = {"validation_split": 0.5, "test_split": 0.5}
    rows = np.tile(ROWS, (4, 1))
    spec = prepared(RawData(rows, np.concatenate([y] * 4)), training=splits).train_validation.spec
    assert (spec.task, spec.n_outputs) == (task, n_outputs)


@pytest.mark.parametrize("y", [LABELS, LABELS + 0.0, LABELS > 1], ids=["ints", "whole", "bools"])
def test_task_of_the_definition_comes_before_the_inferred_one(y):
    spec = prepared(RawData(ROWS, y), task="regression").train_validation.spec
    assert (spec.task, spec.n_outputs) == ("regression", 1)


def test_names_are_no_targets_of_a_regression():
    with pytest.raises(UsageError, match="a regression needs numbers as targets, got <U1"):
        prepared(RawData(ROWS, np.array(list("abcd"))[LABELS]), task="regression")


def test_few_rows_with_a_number_each_are_no_classes():
    y = np.arange(30.0)
    for numbers in (y, y.astype(int)):
        assert prepared(RawData(ROWS[:30], numbers)).train_validation.spec.task == "regression"
    assert prepared(RawData(ROWS[:30], y // 15)).train_validation.spec.task == "classification"


SAID = [
    (
        LABELS + 0.0,
        {},
        "task classification: y is whole numbers, 4 classes (0, 1, 2, 3) (or --task",
    ),
    (LABELS > 1, {}, "task classification: y is 2 classes (False, True)"),
    (
        np.eye(4)[LABELS],
        {},
        "task classification: y is one-hot, 4 classes (0, 1, 2, 3) (or --task m",
    ),
    (
        np.eye(4)[LABELS] * 0.9 + 0.025,
        {},
        "task classification: each row of y is the probabilities",
    ),
    (np.arange(N), {}, "task regression: y is numbers (or --task classification)"),
    (NUMBERS, {}, "task regression: y is numbers"),
    (LABELS, {"task": "regression"}, "task regression, as the study says: y is numbers"),
    (
        np.column_stack([LABELS > 0, LABELS > 1]),
        {},
        "task multilabel: each row of y is 2 labels, 0",
    ),
    (np.column_stack([NUMBERS, NUMBERS]), {}, "task regression: each row of y is 2 numbers"),
    (
        np.arange(N) // 2 % 90,
        {},
        "task classification: y is whole numbers, 90 classes (0, 1, 2, 3, ",
    ),
]


@pytest.mark.parametrize(("y", "table", "words"), SAID, ids=[words for *_, words in SAID])
def test_what_targets_are_taken_for_is_said_first(y, table, words):
    splits = {"validation_split": 0.5, "test_split": 0.5}
    raw = RawData(np.tile(ROWS, (4, 1)), np.concatenate([y] * 4))
    data = prepared(raw, training=splits, **table).train_validation
    assert data.notes[0].startswith(words)
    assert data.notes[0].startswith(f"task {data.spec.task}")
    assert len(data.notes[0]) < 120


@pytest.mark.parametrize(
    ("factor", "words"), [(100, "numbers, whose spreads differ 100 times: "), (2, "")]
)
def test_targets_of_which_one_hides_the_others_are_said(factor, words):
    y = np.column_stack([NUMBERS, factor * NUMBERS])
    (line, *_) = prepared(RawData(ROWS, y)).train_validation.notes
    assert words in line
    assert ("widest" in line) == bool(words)
