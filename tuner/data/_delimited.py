"""Text tables (.csv and its like) -> tables of text: every cell as it stands in the file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from tuner.data._bytes import as_utf8, unpacked
from tuner.data._dialect import Dialect, dialect_of
from tuner.data.settings import TableSettings
from tuner.errors import UsageError

_BLOCK = 1 << 24
_QUOTED = rb'(?:[^"]|"")*'
_MARKS = 'quotes (") are a part of the cells'
_BREAKS = 'lines with one quote (") are two by two one row, with a line break in a cell'
_NO_TABLES = {
    b"<html": "a web page",
    b"<!doctype html": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file with git lfs pull",
}
_UNNAMED = re.compile(r"(Unnamed: \d+(\.\d+)?)?")


def read_text(path: Path, usual: str, settings: TableSettings, notes: list[str]) -> pa.Table:
    """The columns of a text table as text, with its `usual` separator where none shows.

    An index without a name and columns of nothing are left out, which is said. Raises UsageError
    where rows have different numbers of cells.
    """
    name = path.name
    text = as_utf8(unpacked(path, notes), settings.encoding, name, notes)
    if not text.strip():
        raise UsageError(f"{path}: cannot be read: it is empty")
    for start, what in _NO_TABLES.items():
        if text.lstrip()[: len(start)].lower() == start:
            raise UsageError(f"{path}: is no table but {what}")
    dialect = dialect_of(text, name, usual, settings.separator, settings.header, notes)
    table = _without_blanks(_cells(text, dialect, name, notes), name, notes)
    header = _of_width(dialect, table)
    return named(table, header, name, notes)


def _cells(text: bytes, dialect: Dialect, name: str, notes: list[str]) -> pa.Table:
    separator, has_quotes = dialect.separator, b'"' in text
    if separator == " ":
        text = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", text)
        text = re.sub(rb"[ \t]+", b" ", text)
    if has_quotes and _may_be_rows(lines := _lines(text, dialect), dialect):
        has_quotes = _are_halves(lines, separator.encode())
        notes.append(f"{name}: {_BREAKS if has_quotes else _MARKS}")
    names = [str(place) for place in range(dialect.width)]
    bad: list[pyarrow.csv.InvalidRow] = []

    def refuse(row: pyarrow.csv.InvalidRow) -> str:
        bad.append(row)
        return "error"

    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(text),
            pyarrow.csv.ReadOptions(column_names=names, skip_rows=dialect.skip, block_size=_BLOCK),
            pyarrow.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if has_quotes else False,
                newlines_in_values=has_quotes,
                invalid_row_handler=refuse,
            ),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid as error:
        if not bad:
            raise UsageError(f"{name}: cannot be read: {' '.join(str(error).split())}") from None
        row = bad[0]
        raise UsageError(
            f"{name}: cannot be read: expected {row.expected_columns} cells in each row, got"
            f" {row.actual_columns} in {row.text[:60]!r} (--separator decides how cells end)"
        ) from None


def _lines(text: bytes, dialect: Dialect) -> list[bytes]:
    return text.split(b"\n")[dialect.skip :]


def _may_be_rows(lines: Sequence[bytes], dialect: Dialect) -> bool:
    """Whether lines have all of their cells, where by quotes some are a part of a cell."""
    sign = dialect.separator.encode()
    are_whole = all(line.count(sign) == dialect.width - 1 for line in lines if line)
    return are_whole and any(_is_odd(line) for line in lines)


def _is_odd(line: bytes) -> bool:
    return line.count(b'"') % 2 == 1


def _are_halves(lines: Sequence[bytes], sign: bytes) -> bool:
    """Whether lines with a quote too many are two by two one row: a cell has a line break."""
    odd = [place for place, line in enumerate(lines) if _is_odd(line)]
    begins = re.compile(rb'(?:^|%s)"%s$' % (re.escape(sign), _QUOTED))
    ends = re.compile(rb'%s"(?:%s|\r?$)' % (_QUOTED, re.escape(sign)))
    pairs = zip(odd[::2], odd[1::2], strict=False)
    return len(odd) % 2 == 0 and all(
        second == first + 1 and begins.search(lines[first]) and ends.match(lines[second])
        for first, second in pairs
    )


def _without_blanks(table: pa.Table, name: str, notes: list[str]) -> pa.Table:
    """A table without rows of which all cells are blank, as sheets end with."""
    blank: Any = True
    for column in table.columns:
        blank = pc.and_(blank, pc.equal(column, ""))
        if not pc.any(blank).as_py():
            return table
    notes.append(f"{name}: rows without any value are left out ({pc.sum(blank).as_py()})")
    return table.filter(pc.invert(blank))


def _of_width(dialect: Dialect, table: pa.Table) -> tuple[str, ...]:
    """A name for each column; "" for one that the header has not."""
    header = dialect.header
    if header is None:
        return tuple(f"column_{n + 1}" for n in range(dialect.width))
    if len(header) >= dialect.width:
        return header[: dialect.width]
    is_blank = table.num_columns and _is_blank(table.column(dialect.width - 1))
    return (*header, "") if is_blank else ("", *header)


def named(table: pa.Table, header: Sequence[str], name: str, notes: list[str]) -> pa.Table:
    """A table of text with the names of a header, without what has no name and no use."""
    names: list[str | None] = []
    for place, given in enumerate(header):
        column = table.column(place)
        title = given
        if _UNNAMED.fullmatch(given):
            title = f"column_{place + 1}"
            if _is_blank(column):
                notes.append(f"{name}: column {place + 1} without name and values is left out")
                names.append(None)
                continue
            if not any(names) and _is_index(column):
                notes.append(f"{name}: column {place + 1}, an index without a name, is left out")
                names.append(None)
                continue
            notes.append(f"{name}: column {place + 1} has no name: {title}")
        n = header[:place].count(given)
        if n and not _UNNAMED.fullmatch(given):
            title = f"{given}.{n}"
            notes.append(f"{name}: more than one column is named {given!r}: column {title!r}")
        names.append(title)
    kept = [place for place, title in enumerate(names) if title is not None]
    return table.select(kept).rename_columns([str(names[place]) for place in kept])


def _is_blank(column: pa.ChunkedArray) -> bool:
    return pc.max(pc.utf8_length(pc.utf8_trim_whitespace(column))).as_py() in (0, None)


def _is_index(column: pa.ChunkedArray) -> bool:
    """Whether each row has a whole number or a name of its own."""
    has_own = pc.count_distinct(column).as_py() == len(column)
    return has_own and not pc.any(pc.match_substring_regex(column, r"^-?\d*\.\d")).as_py()
