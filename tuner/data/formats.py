"""Tables that are no text: Parquet and its folders, Feather, JSON lines, sheets."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet

from tuner.data._bytes import PACKED, as_utf8, unpacked
from tuner.data._raw import PARTS
from tuner.data._sheets import read_sheet
from tuner.data.parting import end_of
from tuner.data.settings import TableSettings
from tuner.errors import UsageError

_BLOCK = 1 << 24
_NULL_ROW = re.compile(rb"(?:^|[}\n])\s*null")
_DEEP = 200
"""Where a row is null, or nested deeply, the process that reads it may crash in Arrow."""

Reader = Callable[[Path, TableSettings, list[str]], pa.Table]


def is_folder(path: Path) -> bool:
    """Whether a folder holds Parquet files, itself or in folders such as year=2020."""
    patterns = ("*.parquet", "*=*/**/*.parquet")  # not each folder: there may be a million images
    return path.is_dir() and any(any(path.glob(pattern)) for pattern in patterns)


def parts_of(path: Path, files: Mapping[str, str]) -> dict[str, list[Path]]:
    """The files of each part, by the end of its name in RawData.

    Those of a folder are parts where they are called so (train-00000-of-00002.parquet), train among
    them. Raises UsageError where a file is missing, or is of no part beside others.
    """
    for file in files.values():
        if not Path(file).exists():
            raise UsageError(f"{file}: no such data file")
    if len(files) > 1 or not path.is_dir():
        return {end: [Path(file)] for end, file in files.items()}
    found = sorted(path.glob("*.parquet"))
    ends = [end_of(re.split(r"[-_.\d]", file.stem)[0]) for file in found]
    if "" not in ends or set(ends) == {""}:
        return {"": found}
    if None in ends:
        raise UsageError(f"{found[ends.index(None)]}: is none of train, validation and test")
    return {
        part: [file for file, end in zip(found, ends, strict=True) if end == part]
        for part in PARTS
        if part in ends
    }


def distinct(table: pa.Table, source: str) -> pa.Table:
    """The same table; UsageError where two columns have one name, by which either would be read."""
    seen: set[str] = set()
    for name in table.column_names:
        if name in seen:
            raise UsageError(f"{source}: more than one column is named {name!r}: rename one")
        seen.add(name)
    return table


def read_folder(path: Path, notes: list[str], files: Sequence[Path] = ()) -> pa.Table:
    """All Parquet files of a folder, or these, as one table, after what folders say (year=2020)."""
    import pyarrow.dataset  # noqa: PLC0415 (few have folders)

    found = pyarrow.dataset.dataset(
        list(map(str, files)) or path, partitioning="hive", exclude_invalid_files=True
    )
    table = found.to_table()
    said = [name for name in found.partitioning.schema.names if name in table.column_names]
    others = [name for name in table.column_names if name not in said]
    return _without_index(table.select([*said, *others]), path.name, notes)


def _parquet(path: Path, _settings: TableSettings, notes: list[str]) -> pa.Table:
    with _opened(path, notes) as file:
        return _without_index(pyarrow.parquet.read_table(file), path.name, notes)


def _arrow(path: Path, _settings: TableSettings, notes: list[str]) -> pa.Table:
    """Feather, or the file or the stream of Arrow."""
    with _opened(path, notes) as file:
        try:
            table = pyarrow.ipc.open_file(file).read_all()
        except pa.ArrowInvalid:
            file.seek(0)
            table = pyarrow.ipc.open_stream(file).read_all()
        return _without_index(table, path.name, notes)


def _opened(path: Path, notes: list[str]) -> Any:
    is_packed = path.suffix.lower() in PACKED
    return pa.BufferReader(unpacked(path, notes)) if is_packed else path.open("rb")


def _without_index(table: pa.Table, name: str, notes: list[str]) -> pa.Table:
    """A table that pandas wrote, without its index, which stands there as the last column."""
    index = (table.schema.pandas_metadata or {}).get("index_columns", ())
    found = [column for column in index if column in table.column_names]
    if found:
        notes.append(f"{name}: the index of pandas is left out: {', '.join(found)}")
    return table.drop_columns(found)


def _json(path: Path, settings: TableSettings, notes: list[str]) -> pa.Table:
    """Lines of objects, or one list of them."""
    text = as_utf8(unpacked(path, notes), settings.encoding, path.name, notes)
    if text.lstrip().startswith(b"["):
        text = "\n".join(map(json.dumps, json.loads(text))).encode()
    options = pyarrow.json.ReadOptions(block_size=max(_BLOCK, len(text)))
    if not _NULL_ROW.search(text) and _depth(text) < _DEEP:
        try:
            return pyarrow.json.read_json(pa.BufferReader(text), options)
        except pa.ArrowInvalid as error:
            if "changed from" not in str(error):
                raise
    rows = list(_values(text.decode()))
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a line is no object of JSON")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _mixed([row.get(name) for row in rows]) for name in names})


def _depth(text: bytes) -> int:
    """How deep a text of JSON is nested, or more where brackets are in its strings."""
    signs = np.frombuffer(text, "u1")
    opens, closes = (
        (signs == ord("[")) | (signs == ord("{")),
        (signs == ord("]")) | (signs == ord("}")),
    )
    steps = opens.astype("i1")[opens | closes] * 2 - 1
    return int(np.cumsum(steps, dtype="i8").max(initial=0))


def _values(text: str) -> Iterator[Any]:
    """The values of JSON in a text, one after the other."""
    decoder, place, spaces = json.JSONDecoder(), 0, re.compile(r"\s*")
    while (place := spaces.match(text, place).end()) < len(text):  # type: ignore[union-attr]
        value, place = decoder.raw_decode(text, place)
        yield value


def _mixed(values: list[Any]) -> pa.Array:
    """A column; text where its values are of several kinds."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([value if value is None else str(value) for value in values])


READERS: dict[str, Reader] = {
    ".parquet": _parquet,
    ".pq": _parquet,
    ".feather": _arrow,
    ".arrow": _arrow,
    ".ipc": _arrow,
    ".jsonl": _json,
    ".ndjson": _json,
    ".json": _json,
    ".xlsx": read_sheet,
    ".xls": read_sheet,
    ".ods": read_sheet,
}
"""What reads a table, by the end of its name."""
