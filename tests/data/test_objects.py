"""What a user's function gives, as arrays of the data."""

import numpy as np
import pandas as pd
import pytest
from _raw_rows import LABELS, ROWS

from tuner.data._objects import from_object
from tuner.data._raw import RawData
from tuner.errors import UsageError


@pytest.mark.parametrize(
    "value",
    [
        RawData(ROWS, LABELS),
        (ROWS, LABELS),
        [ROWS, LABELS],
        (ROWS.tolist(), LABELS.tolist()),
        {"x": ROWS, "y": LABELS},
        {"x_train": ROWS, "y_train": LABELS},
    ],
    ids=["RawData", "pair", "list", "lists", "x y", "x_train y_train"],
)
def test_object_without_a_test_part_is_read(value):
    raw = from_object(value, "my data")
    np.testing.assert_array_equal(raw.x, ROWS)
    np.testing.assert_array_equal(raw.y, LABELS)
    assert (raw.x_test, raw.y_test) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        ((ROWS, LABELS), (ROWS[:9], LABELS[:9])),
        [[ROWS, LABELS], [ROWS[:9], LABELS[:9]]],
        {"x_train": ROWS, "y_train": LABELS, "x_test": ROWS[:9], "y_test": LABELS[:9]},
    ],
    ids=["pairs", "lists", "mapping"],
)
def test_object_with_a_test_part_is_read(value):
    raw = from_object(value, "my data")
    np.testing.assert_array_equal(raw.x, ROWS)
    np.testing.assert_array_equal(raw.x_test, ROWS[:9])
    np.testing.assert_array_equal(raw.y_test, LABELS[:9])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "got NoneType"),
        (ROWS, "got ndarray$"),
        (pd.DataFrame(ROWS), r"got DataFrame: give its target apart, as frame\[features\], frame"),
        (
            (ROWS, LABELS, ROWS),
            r"sample_weight must be a number for each of 200 rows, got .*200, 5",
        ),
        ((ROWS, LABELS, -np.ones(200)), "weights of rows must be 0 or more"),
        ({}, "got nothing"),
        ({"images": ROWS}, "images is unknown; expected x y, or x_train"),
        ({"x": ROWS, "labels": LABELS}, "labels is unknown; .*; got x, labels"),
        ({"x_train": ROWS, "y_train": LABELS, "x_test": ROWS}, "got x_train, y_train, x_test"),
        (([[1.0], [1.0, 2.0], 3.0], [0, 1, 0]), "some rows are lists and others are not"),
    ],
    ids=[
        "None",
        "array",
        "data frame",
        "weights of another shape",
        "negative weights",
        "empty mapping",
        "mapping without x",
        "mapping without y",
        "mapping with half a test part",
        "half ragged lists",
    ],
)
def test_object_of_another_form_is_refused(value, words):
    with pytest.raises(UsageError, match=f"^my data: .*{words}"):
        from_object(value, "my data")


@pytest.mark.parametrize("names", [("x", "y"), ("x_train", "y_train", "x_test", "y_test")])
def test_noisy_targets_of_a_mapping_are_kept(names):
    given = {name: np.arange(4.0) for name in names} | {"y_noisy": np.ones(4)}
    assert from_object(given, "mine").y_noisy.tolist() == [1, 1, 1, 1]
