"""Cells of text: what stands for a number, a date, or a value that is missing."""

import re

import pyarrow as pa
import pyarrow.compute as pc

MARKS = (
    *("", "?", "NA", "N/A", "n/a", "na", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "Null"),
    *("-", "--", ".", "None", "none", "NONE", "#DIV/0!", "#VALUE!", "<NA>", "NaT"),
)
"""How missing values are written among numbers and dates."""

TEXT_MARKS = ("", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "<NA>")
"""How they are written among names, of which None may be one."""

DECORATED = r"^[$€£¥]\s*|\s*[%$€£¥]$"
"""Percent signs and currencies around a number."""

SPACES = "\u00a0\u202f '\u2019"
"""What may be between thousands, besides the other decimal mark."""

POINT = rf"^[+-]?([1-9]\d{{0,2}}([,{SPACES}]\d{{3}})+|\d*)(\.\d*)?([eE][+-]?\d+)?$"
COMMA = rf"^[+-]?([1-9]\d{{0,2}}([.{SPACES}]\d{{3}})+|\d*)(,\d*)?([eE][+-]?\d+)?$"
"""A number with a decimal point, or a comma, and perhaps other signs between thousands."""

_TIME = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?"
_ZONE = r"(\s*Z|\s*[+-]\d{2}:?\d{2}|\s*UTC)?"
_MONTHS = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAYS = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})",
    rf"\d{{1,2}}[ -]{_MONTHS}[ -]\d{{2,4}}",
    rf"{_MONTHS} \d{{1,2}},? \d{{4}}",
)
DATED = rf"(?i)^(({'|'.join(_DAYS)})([T ]+{_TIME}{_ZONE})?|{_TIME})$"
_NUMERIC, _DATED = (re.compile(pattern) for pattern in (rf"{POINT}|{COMMA}", DATED))


def is_mark(cell: str) -> bool:
    """Whether a cell says that a value is missing."""
    return cell.strip() in MARKS


def looks_numeric(cell: str) -> bool:
    """Whether a cell is a number as people write them: 1,234.5 or 12 % too."""
    bare = re.sub(DECORATED, "", cell.strip())
    return bool(_NUMERIC.search(bare)) and any(map(str.isdigit, bare))


def looks_dated(cell: str) -> bool:
    """Whether a cell is a date, a time, or both."""
    return bool(_DATED.search(cell.strip()))


def matches(column: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    """Which cells match, [n] bool; null where a cell is."""
    return pc.match_substring_regex(column, pattern)


def without_marks(column: pa.ChunkedArray, marks: tuple[str, ...]) -> pa.ChunkedArray:
    """The cells without spaces around them; null where one is a mark."""
    trimmed = pc.utf8_trim_whitespace(column)
    is_missing = pc.is_in(trimmed, value_set=pa.array(marks, trimmed.type))
    return pc.if_else(is_missing, pa.scalar(None, trimmed.type), trimmed)


def share(of: pa.ChunkedArray) -> float:
    """The share of what is true among what is not null; 0 of nothing."""
    return pc.mean(of).as_py() or 0.0
