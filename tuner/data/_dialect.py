"""How a text table is written: its separator, and the names of its columns."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mode

from tuner.data._header import Rows, header_of
from tuner.data.cells import looks_numeric
from tuner.errors import UsageError

_HEAD = 1 << 18
_MOST_TITLES = 20
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}
_SPACES = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Dialect:
    """The sign between cells; the header, if there is one; how many cells a row has.

    `skip` lines come before the first row.
    """

    separator: str
    header: tuple[str, ...] | None
    width: int
    skip: int


def dialect_of(
    text: bytes, name: str, usual: str, separator: str | None, header: bool | None, notes: list[str]
) -> Dialect:
    """The dialect of UTF-8 text of the file `name`, with its `usual` separator where none shows.

    What is given as `separator` and `header` is not looked for. Raises UsageError where two
    separators would do.
    """
    lines = text[:_HEAD].decode(errors="ignore").split("\n")
    lines = lines[:-1] if len(text) > _HEAD else lines
    n_before, said = _before(lines, name, notes)
    n_before += _titles(lines[n_before:], separator, name, notes)
    lines = lines[n_before:]
    found = separator or said or _separator(lines, usual, name)
    if found != "," and not separator:
        notes.append(f"{name}: separator {_WORDS.get(found, found)} (--separator decides)")
    rows = records(lines, found)
    if not rows:
        raise UsageError(f"{name}: cannot be read: no rows")
    width = mode(map(len, rows[1:] or rows))
    names = header_of(rows, header, name, notes)
    n_lines = 0 if names is None else _n_lines(lines, found)
    return Dialect(found, names, width, n_before + n_lines)


def records(lines: Sequence[str], separator: str) -> Rows:
    """The cells of lines, without lines that are blank."""
    if separator == " ":
        lines = [_SPACES.sub(" ", line.strip()) for line in lines]
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)
    try:
        return [row for row in reader if row]
    except csv.Error:  # a cell that ends beyond what is looked at
        return [row for row in csv.reader(lines[:1], delimiter=separator) if row]


def _before(lines: Sequence[str], name: str, notes: list[str]) -> tuple[int, str | None]:
    """Comments at the top, and the separator where Excel says it there."""
    n, separator = 0, None
    for line in lines:
        if line.lower().startswith("sep=") and len(line) == 5:
            separator = line[4]
        elif line.strip() and not (line.startswith("#") and _is_comment(line, lines[-2:])):
            break
        n += 1
    if any(line.startswith("#") for line in lines[:n]):
        notes.append(f"{name}: comments (#) at the top are left out")
    return n, separator


def _is_comment(line: str, last: Sequence[str]) -> bool:
    """Whether a line is no header that begins with #: it has not the cells of the last ones."""
    row = next((text for text in last if text.strip()), "")
    return not any(
        row.count(sign) == line.count(sign) for sign in ",;\t|" if sign in row and sign in line
    )


def _titles(lines: Sequence[str], separator: str | None, name: str, notes: list[str]) -> int:
    """How many lines before the header are of one cell each, where all that follow have more."""
    if separator or any(_is_regular(records(lines, sign)) for sign in _WORDS):
        return 0
    for n in range(1, min(_MOST_TITLES, len(lines))):
        title = lines[n - 1].rstrip(",;\t ")
        if any(sign in title for sign in ",;\t|"):
            return 0
        if lines[n].strip() and any(_is_regular(records(lines[n:], sign)) for sign in ",;\t|"):
            notes.append(f"{name}: what stands above the header is left out: {lines[0].strip()!r}")
            return n
    return 0


def _n_lines(lines: Sequence[str], separator: str) -> int:
    """How many lines the header takes: names may have line breaks in quotes."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
    next(row for row in reader if row)
    return reader.line_num


def _separator(lines: Sequence[str], usual: str, name: str) -> str:
    found = {sign: rows for sign in ",;\t|" if _is_regular(rows := records(lines, sign))}
    if set(found) <= {"\t"} and _is_regular(rows := records(lines, " ")):
        found[" "] = rows
    if not found:
        return _most_regular(lines, usual)
    shares = {
        sign: (_share_of_numbers(rows), len(rows[0]) == len(rows[-1]))
        for sign, rows in found.items()
    }
    best = max(shares.values())
    first, *others = [sign for sign, share in shares.items() if share == best]
    if others and "\t" in (first, *others):
        return "\t"
    if others:
        signs = " or ".join(_WORDS[sign] for sign in (first, *others))
        raise UsageError(f"{name}: cells may end at a {signs}: --separator decides")
    return first


def _most_regular(lines: Sequence[str], usual: str) -> str:
    """The separator that most rows have as often, so that others are refused beside them."""
    best, separator = 0.5, usual
    for sign in (usual, *",;\t|"):
        widths = [len(row) for row in records(lines, sign)]
        width = mode(widths)
        if width > 1 and widths.count(width) / len(widths) > best:
            best, separator = widths.count(width) / len(widths), sign
    return separator


def _is_regular(rows: Rows) -> bool:
    """Whether rows have the same number of cells, a header one more or less."""
    if not rows:
        return False
    widths = {len(row) for row in rows[1:]} or {len(rows[0])}
    width = min(widths)
    is_header = len(rows[0]) in (width, width - 1) or rows[0][width:] == [""]
    return len(widths) == 1 and width > 1 and is_header


def _share_of_numbers(rows: Rows) -> float:
    cells = [cell for row in rows[1:200] for cell in row]
    return sum(not cell or looks_numeric(cell) for cell in cells) / max(1, len(cells))
