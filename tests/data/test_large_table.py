"""Parquet files of numbers that are too large for memory: the same rows, from a file."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tuner.data import large_table, stored
from tuner.data.files import read
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings, TableSettings
from tuner.data.stored import StoredRows
from tuner.errors import UsageError

GENERATOR = np.random.default_rng(0)
COLUMNS = {
    "a": GENERATOR.standard_normal(60).astype("float32"),
    "when": 1_700_000_000 + np.arange(60),
    "flag": np.arange(60) % 3 == 0,
    "y": np.arange(60) % 2,
}


@pytest.fixture(autouse=True)
def all_are_large(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(large_table, "MOST_BYTES", 0)
    monkeypatch.setattr(large_table, "_BATCH", 7)
    monkeypatch.setattr(stored, "MOST_BYTES", 0)


def written(path, **columns):
    path.parent.mkdir(exist_ok=True)
    pyarrow.parquet.write_table(pa.table(columns), path, row_group_size=25)
    return path


@pytest.mark.parametrize("how", [{}, {"target": "a"}, {"settings": TableSettings(ignore=("a",))}])
def test_rows_and_targets_are_those_of_a_table_in_memory(tmp_path, monkeypatch, how):
    path = written(tmp_path / "t.parquet", **COLUMNS)
    how = {"target": None} | how
    found = read(path, **how)
    monkeypatch.setattr(large_table, "MOST_BYTES", 2**30)
    expected = read(path, **how)
    assert isinstance(found.x, np.memmap)
    np.testing.assert_array_equal(found.x, expected.x.matrix)
    np.testing.assert_array_equal(found.y, expected.y)
    assert found.features == expected.features


def test_files_of_a_folder_are_parts_and_their_rows_stay_in_the_file(tmp_path):
    written(tmp_path / "t" / "train-0.parquet", **COLUMNS)
    written(tmp_path / "t" / "test-0.parquet", **{n: c[:20] for n, c in COLUMNS.items()})
    found = open_dataset(DataSettings(str(tmp_path / "t")))
    assert isinstance(found.train_validation.train.x, StoredRows)
    assert (found.train_validation.train.n, found.test.n) == (48, 20)
    times = np.concatenate(
        [
            part.x.read()[:, 1]
            for part in (found.train_validation.train, found.train_validation.validation)
        ]
    )
    assert len(np.unique(times)) == 60


def test_names_are_read_as_tables_are(tmp_path):
    path = written(tmp_path / "t.parquet", **COLUMNS, c=["u", "v"] * 30)
    assert not isinstance(read(path, "y").x, np.memmap)


def test_a_missing_value_and_an_unknown_column_are_refused(tmp_path):
    path = written(tmp_path / "t.parquet", a=[1.0, None] * 30, y=COLUMNS["y"])
    with pytest.raises(UsageError, match="column 'a' lacks values"):
        read(path, None)
    with pytest.raises(UsageError, match="z"):
        read(path, "z")
