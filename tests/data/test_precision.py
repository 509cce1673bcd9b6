"""Numbers far from zero keep their digits on their way to the network, or what is lost is said."""

import numpy as np
import pandas as pd
import pytest
from _raw_rows import LABELS, NUMBERS, ROWS, N, prepared, with_value

from tuner.data._raw import RawData
from tuner.data.files import read
from tuner.data.scaling import restored
from tuner.errors import UsageError

RNG = np.random.default_rng(0)
STEPS = RNG.permutation(1000).astype("float64")
CLASSES = (STEPS > 500).astype(int)
SMALL = {"training": {"test_split": 0.1, "validation_split": 0.1}}
OFFSETS = {
    "Unix seconds": 1.7e9 + STEPS,
    "milliseconds of a day": 1.7e12 + STEPS * 86_400,
    "yyyymmddHHMM": 202_601_010_000 + STEPS,
    "UTM northings": 5.4e6 + STEPS / 1000,
    "integers": (1.7e9 + STEPS).astype("int64"),
    "large": STEPS * 1e300,
    "tiny": STEPS * 1e-200,
    "nanoseconds": 1_700_000_000_000_000_000 + 1000 * STEPS.astype("int64"),
}
EPOCH = pd.Timestamp("2026-01-01")


def kept(dataset):
    """How many of 1000 distinct values reach the network."""
    data = dataset.train_validation
    parts = (data.train, data.validation, dataset.test)
    return len(np.unique(np.concatenate([part.x[:, 0] for part in parts])))


@pytest.mark.parametrize("kind", OFFSETS)
def test_distinct_numbers_reach_the_network_as_distinct_numbers(kind):
    column = OFFSETS[kind]
    dataset = prepared(RawData(column[:, None], CLASSES), **SMALL)
    assert kept(dataset) >= 990
    assert not [note for note in dataset.train_validation.notes if "tells fewer" in note]
    with np.errstate(over="ignore"):
        assert len(np.unique(column.astype("float32"))) < 990  # what a cast before it leaves


@pytest.mark.parametrize("kind", ["Unix seconds", "yyyymmddHHMM", "large"])
def test_columns_of_a_file_keep_their_digits(kind, tmp_path):
    path = tmp_path / "data.csv"
    pd.DataFrame({"when": OFFSETS[kind], "y": CLASSES}).to_csv(path, index=False)
    assert kept(prepared(read(path, None), **SMALL)) >= 990


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_of_an_array_are_numbers_from_1970_on_and_that_is_said(unit):
    stamps = (EPOCH + pd.to_timedelta(STEPS, unit="s")).to_numpy().astype(f"datetime64[{unit}]")
    dataset = prepared(RawData(stamps[:, None], CLASSES), **SMALL)
    assert kept(dataset) >= 990
    assert f"times are numbers: {unit} since 1970" in dataset.train_validation.notes[1]


def test_what_is_lost_is_said_by_the_name_of_the_column():
    rows = np.column_stack([ROWS[:, 0], 1.7e9 + np.arange(N)])
    plain = {"training": {"standardize": False}}
    data = prepared(RawData(rows, LABELS, features=("a", "when")), **plain).train_validation
    _, note = data.notes
    assert note.startswith("float32, in which networks compute, tells fewer apart: when (128 ")
    data = prepared(RawData(rows, LABELS), **plain).train_validation
    assert "x[..., 1] (128 distinct values, " in data.notes[1]
    _, note = prepared(RawData(rows, LABELS)).train_validation.notes
    assert note.startswith("numbers far from zero: best.keras computes with them in float64")


def test_an_outlier_that_hides_the_rest_is_said():
    rows = ROWS.copy()
    rows[:20, 0] = 1e30
    assert "x[..., 0]" in prepared(RawData(rows, LABELS)).train_validation.notes[1]


def test_a_column_that_is_the_same_in_every_row_is_said():
    rows = ROWS.copy()
    rows[:, 2] = 7
    data = prepared(RawData(rows, LABELS, features=tuple("abcde"))).train_validation
    assert data.notes[1:] == ("the same in every row, so that nothing is learned from it: c",)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (RawData(with_value(ROWS, 1e39), LABELS), r"1 values of x are too large for float32 \(1e"),
        (RawData(ROWS, with_value(NUMBERS, 1e39)), r"y is too large for float32 \(1e\+39\)"),
        (
            RawData(ROWS, 1.7e9 + np.arange(N) / 100),
            r"every target is 1700000000 in float32.*\(they are 1700000000.0",
        ),
    ],
    ids=["x", "y", "y that is one number"],
)
def test_numbers_that_float32_does_not_hold_are_refused_for_that(raw, words):
    plain = {"standardize": False, "standardize_targets": False}
    with pytest.raises(UsageError, match=f"^my data: {words}"):
        prepared(raw, training=plain)


def test_a_target_far_from_zero_is_that_of_its_shifted_twin():
    far, near = (prepared(RawData(ROWS, shift + NUMBERS)) for shift in (1.7e9, 0.0))
    far, near = far.train_validation, near.train_validation
    np.testing.assert_allclose(far.train.y, near.train.y, atol=1e-5)
    np.testing.assert_allclose(far.scaling.y_scale, near.scaling.y_scale, rtol=1e-6)
    back = restored(far.validation.y, far.scaling.y_mean, far.scaling.y_scale)
    near_back = restored(near.validation.y, near.scaling.y_mean, near.scaling.y_scale)
    np.testing.assert_allclose(back - 1.7e9, near_back, atol=1e-4)
