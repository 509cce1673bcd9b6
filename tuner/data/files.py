"""Data files: .npz (read without pickle), .csv and .parquet."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from tuner.data._raw import RawData, from_object
from tuner.data.frames import from_frame, refuse_missing
from tuner.errors import UsageError, unknown

SUFFIXES = (".npz", ".csv", ".parquet")


def read(path: Path, target: str | None) -> RawData:
    """Read a data file; `target` names the column to predict (default: the last one)."""
    if not path.is_file():
        raise UsageError(f"{path}: no such data file")
    try:
        if path.suffix == ".npz":
            return _read_npz(path, target)
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    return _from_table(table, target, path)


def _read_npz(path: Path, target: str | None) -> RawData:
    if target is not None:
        raise UsageError(f"{path}: --target names a column of a .csv or .parquet, not of an .npz")
    with path.open("rb") as file:
        arrays = np.load(file, allow_pickle=False)
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise UsageError(f"{path}: is an .npy, not an .npz")
        return from_object({name: arrays[name] for name in arrays.files}, str(path))


def _from_table(table: pd.DataFrame, target: str | None, path: Path) -> RawData:
    if table.shape[1] < 2 or table.empty:
        rows, columns = table.shape
        raise UsageError(f"{path}: expected rows and at least 2 columns, got {rows} x {columns}")
    table.columns = [str(name) for name in table.columns]
    target = table.columns[-1] if target is None else target
    if target not in table.columns:
        raise UsageError(f"{path}: {unknown('column', target, table.columns)}")
    refuse_missing(table, str(path))
    x, features = from_frame(table.drop(columns=target), str(path))
    return RawData(x, table[target].to_numpy(), features=features, is_file=True)
