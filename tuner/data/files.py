"""Data files: .npz (read without pickle), text tables, Parquet and other tables."""

import functools
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from tuner.data import formats
from tuner.data._aside import with_split_column
from tuner.data._bytes import PACKED
from tuner.data._delimited import read_text
from tuner.data._npz import arrays_of
from tuner.data._objects import from_object
from tuner.data._raw import RawData
from tuner.data.image_table import read_image_table
from tuner.data.large_table import read_large
from tuner.data.settings import DEFAULT_SPLIT, DEFAULT_TABLE, SplitSettings, TableSettings, said
from tuner.data.tabular import understood
from tuner.errors import UsageError

_TEXT = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ",", ".data": ","}
"""Text tables, and the separator of those where none shows."""

_DAMAGED = (
    *(OSError, EOFError, ValueError, NotImplementedError, SyntaxError, tokenize.TokenError),
    *(struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError, pa.ArrowException),
)
"""What readers raise where bytes are none of their format."""

SUFFIXES = (".npz", *_TEXT, *formats.READERS)


def is_file(name: str) -> bool:
    """Whether a name is that of a data file, packed or not, or of a folder of Parquet files."""
    return _suffix(Path(name)) in SUFFIXES or formats.is_folder(Path(name))


def read(
    path: Path,
    target: str | None,
    settings: TableSettings = DEFAULT_TABLE,
    split: SplitSettings = DEFAULT_SPLIT,
) -> RawData:
    """Read a data file; `target` names the column to predict (default: the last one).

    The files of `settings` that are its validation and test part are read with it; the columns by
    which a `split` is made are no features.
    """
    if _suffix(path) == ".npz":
        return _read_npz(path, target, settings)
    if settings.separator and _suffix(path) not in _TEXT:
        raise UsageError(f"{path}: --separator is for text, and this is none")
    notes: list[str] = []
    files = {"": path, "_validation": settings.validation, "_test": settings.test}
    paths = {end: str(file) for end, file in files.items() if file is not None}
    if len(set(paths.values())) < len(paths):
        raise UsageError(f"{path}: one file cannot be two parts of the data")
    table = functools.cache(lambda file: _table(file, settings, notes))
    parts = formats.parts_of(path, paths)

    def with_images() -> RawData | None:
        return read_image_table(parts, target, settings, split, table)

    images: RawData | None = _readable(path, with_images)
    if images is not None:
        return replace(images, notes=(*notes, *images.notes))
    if settings.image_size:
        raise UsageError(f"{path}: --image-size is for images, and there are none")
    large: RawData | None = _readable(path, lambda: read_large(parts, target, settings, split))
    if large is not None:
        return large
    if len(parts) > len(paths):
        paths = {end: f"{path} ({end[1:] or 'train'})" for end in parts}
        tables = {paths[end]: _of_folder(path, notes, some) for end, some in parts.items()}
    else:
        tables = {file: table(Path(file)) for file in paths.values()}
    return _of_tables(path, target, settings, split, (paths, tables, notes))


def _of_tables(
    path: Path,
    target: str | None,
    settings: TableSettings,
    split: SplitSettings,
    found_in: tuple[Mapping[str, str], Mapping[str, pa.Table], Sequence[str]],
) -> RawData:
    """Tables by their names, which are those of parts by the ends of theirs."""
    paths, tables, notes = found_in
    first = tables[paths[""]]
    _refuse_few(first, path)
    split = with_split_column(first, split, target, settings.ignore)
    left = [n for n in first.column_names if n not in (*settings.ignore, *split.columns)]
    target = target or (left or first.column_names)[-1]
    try:
        found = understood(tables, settings, target=target, split=split)
    except pa.ArrowException as error:
        raise _unreadable(path, error) from None
    lines = (*notes, *found.notes)
    raw = RawData(
        None, None, features=found.features, is_file=True, notes=lines, no_matrix=found.no_matrix
    )
    for end, part in zip(paths, found.parts, strict=True):
        raw = raw.with_part(end, part.x, part.y).with_columns(end, part.aside, split)
    return replace(raw, lacks=found.lacks)


def _refuse_few(table: pa.Table, path: Path) -> None:
    if table.num_columns < 2 or not table.num_rows:
        hint = " (--separator decides how cells end)" if _suffix(path) in _TEXT else ""
        raise UsageError(
            f"{path}: expected rows and at least 2 columns, got {table.num_rows} x"
            f" {table.num_columns}{hint}"
        )


def _suffix(path: Path) -> str:
    name = path.name.lower()
    packed = next((end for end in PACKED if name.endswith(end)), "")
    return Path(name.removesuffix(packed)).suffix


def _table(path: Path, settings: TableSettings, notes: list[str]) -> pa.Table:
    if not path.exists():
        raise UsageError(f"{path}: no such data file")
    suffix = _suffix(path)
    return _readable(path, lambda: _read(path, suffix, settings, notes))


def _of_folder(path: Path, notes: list[str], files: Sequence[Path]) -> pa.Table:
    return _readable(path, lambda: formats.read_folder(path, notes, files))


def _read(path: Path, suffix: str, settings: TableSettings, notes: list[str]) -> pa.Table:
    if path.is_dir():
        return formats.distinct(formats.read_folder(path, notes), str(path))
    if suffix in _TEXT:
        return read_text(path, _TEXT[suffix], settings, notes)
    if suffix not in formats.READERS:
        raise UsageError(f"{path}: is no table (expected {', '.join(SUFFIXES[1:])})")
    return formats.distinct(formats.READERS[suffix](path, settings, notes), str(path))


def _readable(path: Path, read_it: Callable[[], Any]) -> Any:
    """What a reader gives; what it raises on one line."""
    try:
        return read_it()
    except MemoryError:
        raise UsageError(
            f"{path}: says that it holds more than there is memory (damaged? else give it as .npy"
            " files or as Parquet, which are read in parts)"
        ) from None
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply for data") from None
    except _DAMAGED as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}")


def _read_npz(path: Path, target: str | None, settings: TableSettings) -> RawData:
    if not path.is_file():
        raise UsageError(f"{path}: no such data file")
    option = "target" if target is not None else said(settings)
    if option:
        raise UsageError(f"{path}: --{option} is for tables such as .csv, not for an .npz")

    raw: RawData = _readable(path, lambda: from_object(arrays_of(path), str(path)))
    return raw
