"""Reading .npz without pickle, .csv and .parquet."""

import gc
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from tuner.data.files import read
from tuner.errors import UsageError

TABLE = pd.DataFrame(
    {"height": [1.5, 2.5, 3.5], "colour": ["red", "blue", "red"], "n": [1, 2, 3], "y": [0, 1, 0]}
)
FEATURES = ("height", "n", "colour_blue", "colour_red")
TABLE_ROWS = [[1.5, 1, 0, 1], [2.5, 2, 1, 0], [3.5, 3, 0, 1]]
ROWS, LABELS = np.arange(12.0).reshape(6, 2), np.arange(6) % 2


@pytest.fixture(params=["csv", "parquet"])
def save(request, tmp_path):
    def write(table):
        path = tmp_path / f"table.{request.param}"
        if request.param == "csv":
            table.to_csv(path, index=False)
        else:
            table.to_parquet(path, index=False)
        return path

    return write


@pytest.fixture
def no_file_left_open():
    yield
    gc.collect()


def save_npz(folder, **arrays):
    np.savez(folder / "arrays.npz", **arrays)
    return folder / "arrays.npz"


def test_last_column_is_the_target(save):
    raw = read(save(TABLE), None)
    assert raw.y.tolist() == [0, 1, 0]
    assert raw.features == FEATURES


def test_categories_are_one_hot_encoded(save):
    raw = read(save(TABLE), None)
    assert raw.x.dtype == np.float64
    np.testing.assert_array_equal(raw.x, TABLE_ROWS)


def test_target_names_the_column_to_predict(save):
    raw = read(save(TABLE), "height")
    assert raw.y.tolist() == [1.5, 2.5, 3.5]
    assert raw.features == ("n", "y", "colour_blue", "colour_red")


def test_target_may_be_a_category(save):
    assert read(save(TABLE), "colour").y.tolist() == ["red", "blue", "red"]


def test_true_and_false_become_one_and_zero(save):
    raw = read(save(pd.DataFrame({"a": [True, False], "y": [1, 2]})), None)
    np.testing.assert_array_equal(raw.x, [[1.0], [0.0]])


def test_whole_numbers_of_a_nullable_type_stay_numbers(tmp_path):
    TABLE[["n", "y"]].astype("Int64").to_parquet(tmp_path / "table.parquet")
    raw = read(tmp_path / "table.parquet", None)
    assert raw.x.dtype == np.float64
    assert raw.y.dtype.kind == "i"


def test_unknown_column_names_the_nearest(save):
    with pytest.raises(UsageError, match="unknown column 'heigth'; did you mean 'height'"):
        read(save(TABLE), "heigth")


@pytest.mark.parametrize("column", ["height", "colour", "y"])
def test_missing_values_are_named_by_column(save, column):
    table = TABLE.astype(object)
    table.loc[1, column] = None
    with pytest.raises(UsageError, match=rf"column '{column}', row 2: no value \(1 of 3 rows"):
        read(save(table.convert_dtypes()), None)


@pytest.mark.parametrize("table", [TABLE[["y"]], TABLE[:0]], ids=["one column", "no rows"])
def test_table_without_rows_or_features_is_refused(save, table):
    with pytest.raises(UsageError, match="expected rows and at least 2 columns"):
        read(save(table), None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("ragged.csv", b"a,y\n1,2\n1,2,3\n"),
        ("empty.parquet", b""),
        ("text.parquet", b"a,y\n1,2\n"),
        ("empty.npz", b""),
        ("text.npz", b"a,y\n1,2\n"),
        ("cut.npz", b"PK\x03\x04 and no more"),
    ],
)
@pytest.mark.usefixtures("no_file_left_open")
def test_damaged_file_is_refused_on_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=rf"{name}: cannot be read: .+$") as caught:
        read(tmp_path / name, None)
    assert "\n" not in str(caught.value)


def test_npy_under_the_name_of_an_npz_is_refused(tmp_path):
    with (tmp_path / "arrays.npz").open("wb") as file:
        np.save(file, ROWS)
    with pytest.raises(UsageError, match=r"arrays\.npz: "):
        read(tmp_path / "arrays.npz", None)


def test_column_of_lists_is_refused(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": [[1, 2], [3, 4]], "y": [0, 1]}).to_parquet(path)
    with pytest.raises(UsageError, match=r"column 'a'.*holds list.* --ignore a"):
        read(path, None)


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet", "missing.npz"])
def test_missing_file_is_a_usage_error(tmp_path, name):
    with pytest.raises(UsageError, match=f"{name}: no such data file"):
        read(tmp_path / name, None)


def test_npz_with_x_and_y_is_read(tmp_path):
    raw = read(save_npz(tmp_path, x=ROWS, y=LABELS), None)
    np.testing.assert_array_equal(raw.x, ROWS)
    np.testing.assert_array_equal(raw.y, LABELS)
    assert raw.x_test is None


def test_npz_with_a_test_part_is_read(tmp_path):
    arrays = {"x_train": ROWS, "y_train": LABELS, "x_test": ROWS[:2], "y_test": LABELS[:2]}
    raw = read(save_npz(tmp_path, **arrays), None)
    np.testing.assert_array_equal(raw.x_test, ROWS[:2])
    np.testing.assert_array_equal(raw.y_test, LABELS[:2])


def test_npz_without_y_says_what_it_holds(tmp_path):
    with pytest.raises(UsageError, match="images is unknown; expected x y"):
        read(save_npz(tmp_path, images=ROWS), None)


def test_npz_of_objects_is_refused_because_of_pickle(tmp_path):
    path = save_npz(tmp_path, x=np.array([{}, {}], dtype=object), y=LABELS[:2])
    with pytest.raises(UsageError, match="cannot be read: Object arrays cannot be loaded"):
        read(path, None)


def test_npz_has_no_columns_to_name_a_target(tmp_path):
    with pytest.raises(UsageError, match="--target is for tables"):
        read(save_npz(tmp_path, x=ROWS, y=LABELS), "y")


def test_an_npz_that_says_it_holds_more_than_there_is_memory_is_refused(tmp_path, monkeypatch):
    """400 billion numbers, in a file of a kilobyte: not a byte is asked for."""
    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", None)
    path, head = tmp_path / "huge.npz", io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": (10**11, 4)}
    np.lib.format.write_array_header_1_0(head, about)
    with zipfile.ZipFile(path, "w") as file:
        for name in ("x", "y"):
            file.writestr(f"{name}.npy", head.getvalue() + b"\0" * 64)
    with pytest.raises(
        UsageError, match=r"huge\.npz: says that it holds more than there is memory"
    ):
        read(path, None)
