"""Arrays as people have them: of objects, of other libraries, of another byte order."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from _raw_rows import LABELS, NUMBERS, ROWS, N, prepared

from tuner.data._objects import from_object
from tuner.errors import UsageError

NAMES = np.array(list("abcd"))[LABELS]
MASKED = np.ma.masked_array(ROWS, mask=ROWS > 6)
RECORDS = np.zeros(N, dtype=[("a", "f8"), ("b", "i4")])
RECORDS["a"], RECORDS["b"] = ROWS[:, 0], LABELS


class Tensor:
    """As one of PyTorch behaves."""

    def __init__(self, array):
        self.array, self.shape, self.dtype = array, array.shape, "torch.bfloat16"
        self.is_detached = False

    def __len__(self):
        return len(self.array)

    def detach(self):
        self.is_detached = True
        return self

    def cpu(self):
        return self

    def float(self):
        return self.array.astype("float32") if self.is_detached else None


def memory_map(tmp_path):
    np.save(tmp_path / "rows.npy", ROWS)
    return np.load(tmp_path / "rows.npy", mmap_mode="r")


def read_only(tmp_path):
    rows = ROWS.copy()
    rows.flags.writeable = False
    return rows


X = {
    "objects": ROWS.astype(object),
    "decimals": np.array([Decimal(str(v)) for v in ROWS.flat], object).reshape(ROWS.shape),
    "fractions": np.array([Fraction(v) for v in ROWS.flat], object).reshape(ROWS.shape),
    "lists": ROWS.tolist(),
    "arrays in a list": list(ROWS),
    "tuples in a list": [tuple(row) for row in ROWS.tolist()],
    "columns first": np.asfortranarray(ROWS),
    "memory map": memory_map,
    "read only": read_only,
    "big endian": ROWS.astype(">f8"),
    "more bits": ROWS.astype(np.longdouble),
    "no mask": np.ma.masked_array(ROWS, mask=False),
    "sparse": scipy.sparse.csr_matrix(ROWS),
    "a data frame": pd.DataFrame(ROWS),
    "a tensor": Tensor(ROWS),
}


@pytest.mark.parametrize("kind", X)
def test_rows_are_the_same_whatever_holds_them(kind, tmp_path):
    x = X[kind](tmp_path) if callable(X[kind]) else X[kind]
    data = prepared(from_object((x, LABELS), "my data")).train_validation
    plain = prepared(from_object((ROWS, LABELS), "my data")).train_validation
    np.testing.assert_allclose(data.train.x, plain.train.x, atol=1e-6)
    assert data.train.x.dtype == np.float32
    assert data.notes[0] == plain.notes[0]


Y = {
    "tuple": tuple(LABELS.tolist()),
    "objects": LABELS.astype(object),
    "floats in objects": LABELS.astype(float).astype(object),
    "column": LABELS[:, None],
    "data frame": pd.DataFrame({"y": LABELS}),
    "series in another order": pd.Series(LABELS, index=np.arange(N)[::-1]),
    "nullable": pd.Series(LABELS, dtype="Int64"),
    "big endian": LABELS.astype(">i8"),
    "sparse one-hot": scipy.sparse.csr_matrix(np.eye(4)[LABELS]),
    "one-hot of bool": np.eye(4, dtype=bool)[LABELS],
    "category": pd.Series(NAMES, dtype="category"),
    "pandas' strings": pd.Series(NAMES, dtype="string"),
    "bytes": NAMES.astype("S"),
}


@pytest.mark.parametrize("kind", Y)
def test_classes_are_the_same_whatever_holds_them(kind):
    data = prepared(from_object((ROWS, Y[kind]), "my data")).train_validation
    assert data.classes in (("0", "1", "2", "3"), ("a", "b", "c", "d"))
    plain = prepared(from_object((ROWS, LABELS), "my data")).train_validation
    np.testing.assert_array_equal(data.train.y, plain.train.y)


def test_flags_in_objects_are_flags():
    data = prepared(from_object((ROWS, (LABELS > 1).astype(object)), "my data")).train_validation
    assert data.classes == ("False", "True")


def test_records_are_a_table():
    data = prepared(from_object((RECORDS, LABELS), "my data")).train_validation
    assert data.features == ("a", "b")


def with_none(array):
    found = array.astype(object)
    found.flat[5] = None
    return found


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (MASKED, LABELS, "values are masked: fill them, or leave those rows out"),
        (with_none(ROWS), LABELS, r"1 values of x are missing \(NaN\)"),
        (ROWS, with_none(LABELS), r"1 values of y are missing \(NaN\)"),
        (
            ROWS,
            with_none(NAMES),
            "or text: 1 values are missing .None or NaN",
        ),
        (ROWS, pd.Series(LABELS, dtype="Int64").mask(LABELS == 2), "50 values of y are missing"),
        (
            ROWS,
            np.array([1, "a"] * (N // 2), object),
            "or text: they are both, 'a' and 1",
        ),
        (ROWS, np.array([{}] * N, object), "y must be numbers or text: {} is a dict"),
        (ROWS.astype(complex), LABELS, "x must be numbers of shape .* got complex128"),
        (ROWS[:, 0], LABELS, r"got float64 \(200,\): one number a row is x\[:, None\]"),
        (LABELS * 3, LABELS, "one number a row without an axis"),
        (ROWS[:, :0], LABELS, r"rows of x have no values, shape \(200, 0\)"),
        (ROWS, LABELS[None], "200 rows of x, 1 of y"),
        (ROWS, pd.date_range("2020-01-01", periods=N), "y must be numbers or text: got datetime64"),
        (
            np.array(["NaT"] * N, "datetime64[s]")[:, None],
            LABELS,
            "200 values of x are missing",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_no_number_and_no_text_is_refused_for_what_it_is(x, y, words):
    with pytest.raises(UsageError, match=f"^my data: .*{words}"):
        prepared(from_object((x, y), "my data"))


def test_whole_numbers_beyond_64_bits_are_floats():
    y = np.array([int(value * 10**20) for value in NUMBERS], object)
    data = prepared(from_object((ROWS, y), "my data")).train_validation
    assert data.spec.task == "regression"
    np.testing.assert_allclose(data.scaling.y_mean, NUMBERS.mean() * 1e20, rtol=0.1)
