"""Which array of an .npz, or of a mapping, is what; and what nobody knows is refused by name."""

import numpy as np
import pytest
from _raw_rows import LABELS, ROWS, N, prepared

from tuner.data._objects import from_object
from tuner.errors import UsageError

FEW = (ROWS[:9], LABELS[:9])


@pytest.mark.parametrize("end", ["_val", "_valid", "_validation", "_dev", "_VAL"])
def test_rows_to_validate_on_are_known_by_all_their_names(end):
    given = {"x_train": ROWS, "y_train": LABELS, f"x{end}": FEW[0], f"y{end}": FEW[1]}
    raw = from_object(given, "mine")
    np.testing.assert_array_equal(raw.x_validation, FEW[0])
    np.testing.assert_array_equal(raw.y_validation, FEW[1])
    assert raw.x_test is None


@pytest.mark.parametrize(
    "value",
    [
        ((ROWS, LABELS), FEW, FEW),
        {"train": (ROWS, LABELS), "validation": FEW, "test": FEW},
        {"X": ROWS, "Y": LABELS, "x_val": FEW[0], "y_val": FEW[1]}
        | {"x_test": FEW[0], "y_test": FEW[1]},
    ],
    ids=["three pairs", "mapping of pairs", "upper case"],
)
def test_three_parts_may_be_given(value):
    raw = from_object(value, "mine")
    assert [len(raw.part(name)[0]) for name in raw.parts] == [N, 9, 9]


def test_weights_and_groups_belong_to_their_part():
    given = {"x": ROWS, "y": LABELS, "x_test": FEW[0], "y_test": FEW[1]}
    given |= {"sample_weight": np.arange(N), "sample_weight_test": np.ones(9)}
    raw = from_object(given | {"groups": np.arange(N) // 4}, "mine")
    assert raw.weight.tolist() == list(range(N))
    assert raw.weight_test.tolist() == [1] * 9
    assert raw.groups[-1] == (N - 1) // 4
    assert raw.groups_test is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"x": ROWS, "y": LABELS, "extra": ROWS}, "extra is unknown; expected"),
        ({"x": ROWS, "y": LABELS, "weights": ROWS, "meta": 1}, "weights, meta is unknown"),
        ({"x": ROWS, "y": LABELS, "y_val": LABELS}, "there is no x_validation; expected x y, or"),
        ({"x": ROWS, "y": LABELS, "x_test": ROWS}, "there is no y_test; expected x y, or"),
        ({"y": LABELS}, "there is no x; expected x y, or"),
        ({"x": ROWS, "y": LABELS, "split": ["train"]}, "split must have a value for each of 200"),
        ({"x": ROWS, "y": LABELS, "test_rows": []}, "expected .* from 0 on, got none"),
        ({"x": np.array(3.0), "y": LABELS}, "expected rows, got one float64"),
        ({"x": {}, "y": LABELS}, "expected arrays by their names, got no array"),
        ({"x": ROWS, "y": LABELS, "X": ROWS}, "'X' is there twice"),
        ({"x": ROWS, "y": LABELS, "x_train": ROWS}, "'x_train' is there twice under two names"),
        (
            {"x": ROWS, "y": LABELS, "groups": LABELS[:9]},
            "groups must have a value for each of 200",
        ),
        (
            {"x": ROWS, "y": LABELS, "groups": np.where(LABELS == 1, np.nan, 1.0)},
            "50 rows have no value in groups",
        ),
        ({"x": ROWS, "y": LABELS, "test_rows": [200]}, "row 200 of 200 rows, which are 0 to 199"),
        ({"x": ROWS, "y": LABELS, "test_rows": [3, 3]}, "a row is there twice"),
        ({"x": ROWS, "y": LABELS, "test_rows": [0.5]}, "expected numbers of rows, from 0 on"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_what_is_unknown_or_does_not_fit_is_refused_by_name(given, words):
    with pytest.raises(UsageError, match=f"^mine: {words}"):
        from_object(given, "mine")


def test_rows_to_validate_on_are_validated_on():
    given = {"x": ROWS, "y": LABELS, "x_val": FEW[0] + 100, "y_val": FEW[1]}
    data = prepared(from_object(given, "mine"), training={"standardize": False}).train_validation
    np.testing.assert_allclose(data.validation.x, FEW[0] + 100, rtol=1e-6)
    assert data.train.x.max() < 100
    assert data.n_train == N - 40
