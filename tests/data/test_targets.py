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
        (LABELS > 1, ("False", "True")),
        (LABELS * 10 - 5, ("-5", "5", "15", "25")),
        (np.array(list("dcba"))[LABELS], ("a", "b", "c", "d")),
        (np.array(list("dcba"), dtype=object)[LABELS], ("a", "b", "c", "d")),
        (np.array([b"d", b"c", b"b", b"a"])[LABELS], ("a", "b", "c", "d")),
    ],
    ids=["ints", "column", "one-hot", "int one-hot", "bools", "gaps", "text", "objects", "bytes"],
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
    ],
    ids=["floats", "column", "columns", "200 ints", "100 ints", "bytes", "int columns"],
)
def test_task_follows_from_the_targets(y, task, n_outputs):
    splits = {"validation_split": 0.5, "test_split": 0.5}
    rows = np.tile(ROWS, (4, 1))
    spec = prepared(RawData(rows, np.concatenate([y] * 4)), training=splits).train_validation.spec
    assert (spec.task, spec.n_outputs) == (task, n_outputs)


@pytest.mark.parametrize("y", [LABELS, LABELS > 1], ids=["ints", "bools"])
def test_task_of_the_definition_comes_before_the_inferred_one(y):
    spec = prepared(RawData(ROWS, y), task="regression").train_validation.spec
    assert (spec.task, spec.n_outputs) == ("regression", 1)


def test_names_are_no_targets_of_a_regression():
    with pytest.raises(UsageError, match="a regression needs numbers as targets, got <U1"):
        prepared(RawData(ROWS, np.array(list("abcd"))[LABELS]), task="regression")
