"""Tables that are no text: each kind of column becomes what it is, or is refused by name."""

import datetime as dt
import decimal
import gzip
import importlib.abc
import json
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from _sheets import sheet
from _tables import opened

from tuner.data.files import is_file, read
from tuner.data.settings import TableSettings
from tuner.errors import UsageError

TABLE = pa.table({"a": [1.5, 2.5, 3.5], "c": ["u", "v", "u"], "y": [0, 1, 0]})
ROWS = [[1.5, 1, 0], [2.5, 0, 1], [3.5, 1, 0]]
LINES = "".join(json.dumps(row) + "\n" for row in TABLE.to_pylist())


def as_feather(path):
    pyarrow.feather.write_feather(TABLE, path)


def as_stream(path):
    with pa.ipc.new_stream(path, TABLE.schema) as writer:
        writer.write_table(TABLE)


def as_folder(path):
    (path / "year=2020").mkdir(parents=True)
    pyarrow.parquet.write_table(TABLE[:2], path / "part-0.parquet")
    pyarrow.parquet.write_table(TABLE[2:], path / "part-1.parquet")
    (path / "year=2020").rmdir()
    (path / "_SUCCESS").touch()
    (path / "readme.txt").write_text("what this is")


CELLS = [["a", "c", "y"], *([row["a"], row["c"], row["y"]] for row in TABLE.to_pylist())]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.parquet", lambda path: pyarrow.parquet.write_table(TABLE, path)),
        ("t.feather", as_feather),
        ("t.arrow", as_feather),
        ("t.arrow", as_stream),
        ("t.jsonl", lambda path: path.write_text(LINES)),
        ("t.ndjson", lambda path: path.write_text(LINES)),
        ("t.json", lambda path: path.write_text(json.dumps(TABLE.to_pylist()))),
        ("folder", as_folder),
        ("t.xlsx", lambda path: path.write_bytes(sheet(CELLS))),
    ],
)
def test_it_is_the_same_table_in_every_format(tmp_path, name, write):
    write(tmp_path / name)
    assert is_file(str(tmp_path / name))
    raw = read(tmp_path / name, None)
    assert raw.features == ("a", "c_u", "c_v")
    assert raw.x.matrix.tolist() == ROWS
    assert raw.y.tolist() == [0, 1, 0]


DAY = dt.date(2020, 1, 2)
COLUMNS = {
    "bool": (pa.array([True, False]), [1, 0]),
    "uint64": (pa.array([2**63, 0], pa.uint64()), [2.0**63, 0]),
    "int8": (pa.array([-1, 2], pa.int8()), [-1, 2]),
    "half": (pa.array(np.array([0.5, 2], "float16")), [0.5, 2]),
    "decimal": (pa.array([decimal.Decimal("1.25"), decimal.Decimal(10) ** 25]), [1.25, 1e25]),
    "date": (pa.array([DAY, DAY]), [1577923200, 1577923200]),
    "time": (pa.array([dt.time(1), dt.time(0, 0, 1)]), [3600, 1]),
    "zone": (pa.array([0, 10**6], pa.timestamp("us", "Europe/Rome")), [0, 1]),
    "duration": (pa.array([dt.timedelta(1), dt.timedelta(0, 1)]), [86400, 1]),
    "text of numbers": (pa.array(["1.5", "2"]), [1.5, 2]),
    "large text": (pa.array(["1.5", "2"], pa.large_string()), [1.5, 2]),
}


@pytest.mark.parametrize(("column", "numbers"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_the_numbers_that_it_means(tmp_path, column, numbers):
    pyarrow.parquet.write_table(pa.table({"a": column, "y": [0, 1]}), tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet", None).x.matrix[:, 0].tolist() == numbers


def test_a_dictionary_is_names_whatever_it_is_of(tmp_path):
    codes = pa.array([7, 9, 7]).dictionary_encode()
    pyarrow.feather.write_feather(pa.table({"a": codes, "y": [0, 1, 0]}), tmp_path / "t.feather")
    assert read(tmp_path / "t.feather", None).features == ("a_7", "a_9")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1, 2], [3]]),
        pa.array([{"b": 1}, {"b": 2}]),
        pa.array([b"\x00", b"\x01"]),
        pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2)),
    ],
    ids=["list", "struct", "bytes", "fixed list"],
)
def test_a_column_that_is_no_number_is_refused_by_name(tmp_path, column):
    table = pa.table({"odd": column, "b": [1, 2], "y": [0, 1]})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(UsageError, match=r"column 'odd', row 1: holds .*--ignore odd"):
        read(tmp_path / "t.parquet", None)
    assert read(tmp_path / "t.parquet", None, TableSettings(ignore=("odd",))).features == ("b",)


@pytest.mark.parametrize("column", [pa.array([1.0, None]), pa.array([1.0, np.nan])])
def test_null_and_nan_are_missing(tmp_path, column):
    pyarrow.parquet.write_table(pa.table({"a": column, "y": [0, 1]}), tmp_path / "t.parquet")
    with pytest.raises(UsageError, match="column 'a', row 2: no value"):
        read(tmp_path / "t.parquet", None)


def test_keys_that_some_lines_lack_are_missing(tmp_path):
    with pytest.raises(UsageError, match="column 'a', row 2: no value"):
        opened(tmp_path, '{"a": 1, "y": 0}\n{"y": 1}\n', "t.jsonl")


def test_rows_of_a_sheet_are_told_from_its_header_and_other_sheets(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(sheet(CELLS[1:], ("data", "notes")))
    raw = read(tmp_path / "t.xlsx", None)
    assert raw.features == ("column_1", "column_2_u", "column_2_v")
    assert len(raw.y) == 3
    assert "sheet 'data', the first of 2" in raw.notes[0]


class Missing(importlib.abc.MetaPathFinder):
    """As if python-calamine were not installed."""

    def find_spec(self, name, path=None, target=None):
        if name == "python_calamine":
            raise ModuleNotFoundError(name)


def test_without_the_library_a_sheet_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "t.xlsx").write_bytes(sheet(CELLS))
    monkeypatch.delitem(sys.modules, "python_calamine", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(UsageError, match=r"pip install 'dropout-tuner\[formats\]'"):
        read(tmp_path / "t.xlsx", None)


def test_a_separator_is_for_text(tmp_path):
    pd.DataFrame({"a": [1], "y": [2]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UsageError, match="--separator is for text"):
        read(tmp_path / "t.parquet", None, TableSettings(separator=";"))


@pytest.mark.parametrize("index", ["id", None])
def test_the_index_of_pandas_is_no_column_and_no_target(tmp_path, index):
    frame = pd.DataFrame({"a": [1.0, 2.0], "y": [0, 1]}, pd.Index([7, 9], name=index))
    frame.to_parquet(tmp_path / "t.parquet")
    raw = read(tmp_path / "t.parquet", None)
    assert raw.features == ("a",)
    assert raw.y.tolist() == [0, 1]
    assert "index of pandas is left out" in raw.notes[0]


def test_infinite_numbers_are_refused_by_column_and_row(tmp_path):
    pyarrow.parquet.write_table(pa.table({"a": [1, -np.inf], "y": [0, 1]}), tmp_path / "t.parquet")
    with pytest.raises(UsageError, match="column 'a', row 2: -inf is no number"):
        read(tmp_path / "t.parquet", None)


def test_a_parquet_file_may_be_called_gzip_or_be_packed(tmp_path):
    for name in ("t.parquet.gzip", "plain.parquet"):
        pyarrow.parquet.write_table(TABLE, tmp_path / name, compression="gzip")
    packed = gzip.compress((tmp_path / "plain.parquet").read_bytes())
    (tmp_path / "p.parquet.gz").write_bytes(packed)
    for name in ("t.parquet.gzip", "p.parquet.gz"):
        assert read(tmp_path / name, None).x.matrix.tolist() == ROWS


def test_decimals_that_floats_do_not_tell_apart_are_counted(tmp_path):
    column = pa.array([decimal.Decimal(2**70 + n) for n in range(5)])
    pyarrow.parquet.write_table(
        pa.table({"a": column, "y": [0, 1, 0, 1, 0]}), tmp_path / "t.parquet"
    )
    raw = read(tmp_path / "t.parquet", None)
    assert "column 'a': of 5 distinct numbers 1 are left as floats of 64 bits" in raw.notes


def test_a_question_mark_among_numbers_of_json_is_named_with_its_row(tmp_path):
    lines = [json.dumps({"a": "?" if n == 3 else n, "y": n % 2}) for n in range(9)]
    with pytest.raises(UsageError, match=r"column 'a', row 4: '\?' for a missing value"):
        opened(tmp_path, "\n".join(lines), "t.jsonl")


def test_files_of_a_folder_that_are_called_so_are_the_parts(tmp_path):
    folder = tmp_path / "t"
    folder.mkdir()
    for name, rows in {"train-0-of-2": TABLE, "train-1-of-2": TABLE, "test-0": TABLE[:2]}.items():
        pyarrow.parquet.write_table(rows, folder / f"{name}.parquet")
    raw = read(folder, None)
    assert (len(raw.x), len(raw.x_test), raw.x_validation) == (6, 2, None)
    pyarrow.parquet.write_table(TABLE, folder / "more.parquet")
    with pytest.raises(UsageError, match=r"more.parquet: is none of train, validation and test"):
        read(folder, None)


def test_sizes_of_images_are_for_images(tmp_path):
    pyarrow.parquet.write_table(TABLE, tmp_path / "t.parquet")
    with pytest.raises(UsageError, match="--image-size is for images"):
        read(tmp_path / "t.parquet", None, TableSettings(image_size="4x4"))


def test_folders_say_a_column_by_their_names(tmp_path):
    for year in (2019, 2020):
        (tmp_path / "t" / f"year={year}").mkdir(parents=True)
        pyarrow.parquet.write_table(TABLE, tmp_path / "t" / f"year={year}" / "part.parquet")
    assert is_file(str(tmp_path / "t"))
    assert not is_file(str(tmp_path))
    raw = read(tmp_path / "t", None)
    assert raw.features[:2] == ("year", "a")
    assert raw.x.matrix[:, 0].tolist() == [2019] * 3 + [2020] * 3


@pytest.mark.parametrize(
    "text", ['{"a": 1, "y": 0}\n[1, 2]\n', '{"a": 1}\n3\n', "{", "[1, 2]", "3"]
)
def test_json_that_is_no_objects_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match=r"t\.jsonl: cannot be read"):
        opened(tmp_path, text, "t.jsonl")


def test_text_of_a_parquet_file_that_is_no_utf8_is_refused(tmp_path):
    broken = pa.array([b"\xff\xfe", b"b"]).view(pa.string())
    pyarrow.parquet.write_table(pa.table({"a": broken, "y": [0, 1]}), tmp_path / "t.parquet")
    with pytest.raises(UsageError, match=r"t\.parquet: cannot be read: .*UTF8"):
        read(tmp_path / "t.parquet", None)


ROW = '{"a": 1, "y": 0}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'null\nnull\n{ROW * 9}{{"a": 2.5, "y": [0.5]}}\n', "a line is no object of JSON"),
        (f'{ROW * 9}{{"a": {"[" * 10_000}{"]" * 10_000}, "y": 0}}\n', "nested too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
    ],
    ids=["null rows", "lists", "objects"],
)
def test_json_that_would_crash_its_reader_is_refused(tmp_path, text, words):
    with pytest.raises(UsageError, match=words):
        opened(tmp_path, text, "t.jsonl")


def test_brackets_in_texts_are_no_nesting(tmp_path):
    rows = [{"a": "[" * 40 if i % 2 else "b", "y": i % 2} for i in range(20)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    assert opened(tmp_path, lines, "t.jsonl").x.shape == (20, 2)


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pa.table([[1, 2, 3], [4, 5, 6], [0, 1, 0]], names=["a", "a", "y"])
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(UsageError, match="more than one column is named 'a'"):
        read(tmp_path / "t.parquet", None)
