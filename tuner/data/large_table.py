"""Parquet files of numbers that are too large to be a table in memory: a matrix in a file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from tuner.data._raw import RawData
from tuner.data.cache import Create, kept
from tuner.data.settings import SplitSettings, TableSettings
from tuner.errors import UsageError, unknown

MOST_BYTES = 2**30
"""Of a table in memory, as float64."""

_BATCH = 2**16


def read_large(
    files: Mapping[str, Sequence[Path]],
    target: str | None,
    settings: TableSettings,
    split: SplitSettings,
) -> RawData | None:
    """Parts of more than 1 GiB, where all columns are numbers; None for others.

    Row groups are read one by one into a file, once. Raises UsageError where a value is missing.
    """
    paths = [file for of_part in files.values() for file in of_part]
    if not paths or any(file.suffix.lower() not in (".parquet", ".pq") for file in paths):
        return None
    schema = pyarrow.parquet.read_schema(paths[0])
    columns = [name for name in schema.names if name not in settings.ignore]
    lengths = [pyarrow.parquet.read_metadata(file).num_rows for file in paths]
    if 8 * sum(lengths) * len(columns) <= MOST_BYTES or split.columns or settings.category:
        return None
    if target is not None and target not in columns:
        raise UsageError(f"{paths[0]}: {unknown('column', target, columns)}")
    target = target or columns[-1]
    features = [name for name in columns if name != target]
    if not features or not all(_is_number(schema.field(name).type) for name in columns):
        return None

    x = _matrix(paths, features, sum(lengths))
    y = np.concatenate([column for (column,) in _batches(paths, [target])])
    note = f"the table is more than {MOST_BYTES >> 20:,} MiB: its numbers are in {x.filename}"
    raw = RawData(None, None, features=tuple(features), is_file=True, notes=(note,))
    start = 0
    for end, of_part in files.items():
        n = sum(lengths[paths.index(file)] for file in of_part)
        raw = raw.with_part(end, x[start : start + n], y[start : start + n])
        start += n
    return raw


def _matrix(paths: Sequence[Path], features: list[str], n_rows: int) -> Any:
    """The features of all rows [n, d] as float64, in a file that is written once."""

    def make(create: Create) -> list[str]:
        out, start = create((n_rows, len(features)), "float64"), 0
        for some in _batches(paths, features):
            n = len(some[0])
            for place, column in enumerate(some):
                out[start : start + n, place] = column
            start += n
        out.flush()
        return []

    state = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in paths]
    x, _ = kept(str(paths[0].resolve()), (state, features), make)
    return x


def _batches(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[list[Any]]:
    """The columns of some rows of all files, in turn."""
    for path in paths:
        with pyarrow.parquet.ParquetFile(path) as file:
            lacking = [name for name in columns if name not in file.schema_arrow.names]
            if lacking:
                raise UsageError(f"{path}: no column {lacking[0]!r}, which other files have")
            for batch in file.iter_batches(_BATCH, columns=list(columns)):
                for name in columns:
                    if batch.column(name).null_count:
                        raise UsageError(
                            f"{path}: column {name!r} lacks values, which is told of tables up to"
                            f" {MOST_BYTES >> 20:,} MiB only: fill them, or leave those rows out"
                        )
                yield [batch.column(name).to_numpy(zero_copy_only=False) for name in columns]


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    )
