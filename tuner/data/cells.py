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

_REWRITTEN = (
    ("^[\u2212\u2013](\\d)", r"-\1", "dashes are minus signs"),
    (r"^\(([$€£¥]?[\d][^()-]*)\)$", r"-\1", "parentheses are minus signs"),
    (r"^([+-]?)\s*['$€£¥]\s*(\d)", r"\1\2", "signs (%, $, ...) left out"),
    (r"(\d)\s*['%$€£¥]$", r"\1", "signs (%, $, ...) left out"),
)
"""What people put around a number, what stands for it, and what is said of that."""

_UNIT = r"^(?P<number>[+-]?\d(?:[\d.,]*\d)?)\s*(?P<unit>[\pL°µ²³%\pS][^\d+:/-]{0,11})$"

SPACES = "\u00a0\u202f '\u2019"
"""What may be between thousands, besides the other decimal mark."""

POINT = (
    rf"^[+-]?([1-9]\d{{0,2}}([,{SPACES}]\d{{2,3}})*[,{SPACES}]\d{{3}}|\d*)(\.\d*)?([eE][+-]?\d+)?$"
)
COMMA = rf"^[+-]?([1-9]\d{{0,2}}([.{SPACES}]\d{{3}})+|\d*)(,\d*)?([eE][+-]?\d+)?$"
"""A number with a decimal point, or a comma, and perhaps other signs between thousands."""

_TIME = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?"
_ZONE = r"(\s*Z|\s*[+-]\d{2}:?\d{2}|\s*UTC|\s*GMT)?"
_MONTHS = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_WEEKDAY = r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_DAYS = (
    r"(19|20)\d{2}[-/](0[1-9]|1[0-2])",
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})",
    rf"\d{{1,2}}[ -]{_MONTHS}[ -]\d{{2,4}}",
    rf"{_MONTHS} \d{{1,2}},? \d{{4}}",
)
DATED = rf"(?i)^({_WEEKDAY}({'|'.join(_DAYS)})([T ]+{_TIME}{_ZONE})?|{_TIME})$"
_NUMERIC, _DATED = (re.compile(pattern) for pattern in (rf"{POINT}|{COMMA}", DATED))


def is_mark(cell: str) -> bool:
    """Whether a cell says that a value is missing."""
    return cell.strip() in MARKS


def looks_numeric(cell: str) -> bool:
    """Whether a cell is a number as people write them: 1,234.5 or 12 % too."""
    bare = cell.strip()
    for pattern, new, _ in _REWRITTEN:
        bare = re.sub(pattern, new, bare)
    return bool(_NUMERIC.search(bare)) and any(map(str.isdigit, bare))


def looks_dated(cell: str) -> bool:
    """Whether a cell is a date, a time, or both."""
    return bool(_DATED.search(cell.strip()))


def matches(column: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    """Which cells match, [n] bool; null where a cell is."""
    return pc.match_substring_regex(column, pattern)


def bared(column: pa.ChunkedArray, said: list[str]) -> pa.ChunkedArray:
    """The cells without what people put around numbers; what that was is added to `said`."""
    for pattern, new, what in _REWRITTEN:
        if pc.any(matches(column, pattern)).as_py():
            column = pc.replace_substring_regex(column, pattern, new)
            said.extend([what] if what not in said else [])
    found = pc.extract_regex(column, _UNIT)
    if found.null_count > column.null_count or column.null_count == len(column):
        return column
    units = pc.unique(pc.struct_field(found, "unit")).drop_null().to_pylist()
    if len(units) != 1:
        return column
    said.append(f"{units[0].strip()!r} left out")
    return pc.struct_field(found, "number")


def signs_of(column: pa.ChunkedArray) -> list[str]:
    """The percent sign and currencies of the cells but 0, in order; "" of those without."""
    is_some = pc.fill_null(matches(column, r"[1-9]"), False)
    found = pc.extract_regex(pc.filter(column, is_some), "(?P<sign>[%$€£¥])")
    signs = pc.unique(pc.struct_field(found, "sign")).to_pylist()
    return sorted(sign or "" for sign in signs)


def without_marks(column: pa.ChunkedArray, marks: tuple[str, ...]) -> pa.ChunkedArray:
    """The cells without spaces around them; null where one is a mark."""
    trimmed = pc.utf8_trim_whitespace(column)
    is_missing = pc.is_in(trimmed, value_set=pa.array(marks, trimmed.type))
    return pc.if_else(is_missing, pa.scalar(None, trimmed.type), trimmed)


def share(of: pa.ChunkedArray) -> float:
    """The share of what is true among what is not null; 0 of nothing."""
    return pc.mean(of).as_py() or 0.0
