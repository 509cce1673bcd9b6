"""Columns of images in tables: their bytes, or the names of their files."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from tuner.data.formats import distinct
from tuner.data.images import SUFFIXES, Contents
from tuner.data.settings import TableSettings
from tuner.errors import UsageError, listed

_PARQUET = (".parquet", ".pq")
_LOOK = 20
_BATCH = 256
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")
TableOf = Callable[[Path], pa.Table]


@dataclass(frozen=True)
class Pictures:
    """A table of all but its images, which are in `column`: their names [n] and contents.

    `state` says what they are as long as nobody changes them.
    """

    column: str
    table: pa.Table
    names: Sequence[str]
    contents: Contents
    state: Any


def pictures_of(
    file: Path, target: str | None, settings: TableSettings, table_of: TableOf
) -> Pictures | None:
    """The images of a file, which `table_of` reads; None where it has none.

    The bytes of a Parquet file are read some rows at a time. Raises UsageError where one lacks.
    """
    apart = (target, *settings.ignore)
    if file.suffix.lower() not in _PARQUET:
        table = table_of(file)
        column = _column_of_bytes(table[:_LOOK], str(file), apart)
        if column is None:
            return _of_paths(file, table, apart)
        chunks = table[column].chunks
        return _of_bytes(file, column, table.drop_columns([column]), lambda: iter(chunks))
    with pyarrow.parquet.ParquetFile(file) as opened:
        some = list(itertools.islice(opened.iter_batches(_LOOK), 1))
        first = distinct(pa.Table.from_batches(some, opened.schema_arrow), str(file))
    column = _column_of_bytes(first, str(file), apart)
    if column is None:
        has_paths = _column_of_paths(first, apart) is not None
        return _of_paths(file, table_of(file), apart) if has_paths else None

    def batches() -> Iterator[pa.Array]:
        with pyarrow.parquet.ParquetFile(file) as opened:
            for batch in opened.iter_batches(_BATCH, columns=[column]):
                yield batch.column(0)

    others = [name for name in first.column_names if name != column]
    table = pyarrow.parquet.read_table(file, columns=others, partitioning=None)
    return _of_bytes(file, column, table, batches)


def _of_bytes(
    file: Path, column: str, table: pa.Table, batches: Callable[[], Iterator[pa.Array]]
) -> Pictures:
    names = [f"{file}: column {column!r}, row {n + 1}" for n in range(table.num_rows)]

    def contents() -> Iterator[bytes]:
        rows = itertools.chain.from_iterable(batch.to_pylist() for batch in batches())
        for name, row in zip(names, rows, strict=True):
            content = row["bytes"] if isinstance(row, dict) else row
            if content is None:
                raise UsageError(f"{name}: has no image")
            yield content

    return Pictures(column, table, names, contents, _state(file))


def _of_paths(file: Path, table: pa.Table, apart: Sequence[str | None]) -> Pictures | None:
    column = _column_of_paths(table[:_LOOK], apart)
    if column is None:
        return None
    paths = [file.parent / str(name) for name in table[column].to_pylist()]
    for row, path in enumerate(paths):
        if not path.is_file():
            raise UsageError(
                f"{file}: column {column!r}, row {row + 1}: no file {path}; --ignore {column}"
                " leaves the column out"
            )
    rest = table.drop_columns([column])
    names = list(map(str, paths))
    state = list(map(_state, paths))
    return Pictures(column, rest, names, lambda: (path.read_bytes() for path in paths), state)


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _column_of_bytes(first: pa.Table, source: str, apart: Sequence[str | None]) -> str | None:
    """The column of images among the first rows; a column of bytes may hold text."""
    found = [
        name
        for name in first.column_names
        if name not in apart and _has_images(first[name].type, first[name])
    ]
    if len(found) > 1:
        raise UsageError(f"{source}: has images in {listed(found)}: --ignore all but one")
    return found[0] if found else None


def _has_images(kind: pa.DataType, column: Any) -> bool:
    if pa.types.is_struct(kind):  # of bytes and path, as Hugging Face writes them
        return any(field.name == "bytes" and _is_bytes(field.type) for field in kind)
    known = column.drop_null().to_pylist() if _is_bytes(kind) else []
    return bool(known) and known[0].startswith(_BEGINNINGS)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _column_of_paths(first: pa.Table, apart: Sequence[str | None]) -> str | None:
    for name in first.column_names:
        is_text = pa.types.is_string(first[name].type) or pa.types.is_large_string(first[name].type)
        if name not in apart and is_text and _are_paths(first[name]):
            return str(name)
    return None


def _are_paths(column: Any) -> bool:
    try:
        values = column.to_pylist()
    except UnicodeDecodeError:
        return False
    return bool(values) and all(str(value).lower().endswith(SUFFIXES) for value in values)
