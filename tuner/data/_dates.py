"""Dates and times -> numbers: seconds, or their parts."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuner.data import cells
from tuner.errors import UsageError

Dates = Literal["drop", "numeric", "parts"]
SAID = {
    "drop": "dates are left out (--dates decides)",
    "numeric": "dates become seconds since 1970 (--dates decides)",
    "parts": "dates become year, month, day, weekday, hour, minute and second, where they differ",
}
"""What becomes of dates, by what is chosen."""

_PARTS = {
    "year": pc.year,
    "month": pc.month,
    "day": pc.day,
    "weekday": pc.day_of_week,
    "hour": pc.hour,
    "minute": pc.minute,
    "second": pc.second,
}
_BY_NUMBERS = r"^(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.]\d{2,4}"


def is_dated(column: pa.ChunkedArray) -> bool:
    """Whether most cells of text are dates or times."""
    return cells.share(cells.matches(cells.without_marks(column, cells.MARKS), cells.DATED)) > 0.5


def parsed(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Cells of text as timestamps (UTC, microseconds), null where one is a mark.

    Raises UsageError where one is no date, or where days and months may be meant either way.
    """
    import pandas as pd  # noqa: PLC0415 (it takes its time, and few have dates)

    given = cells.without_marks(column, cells.MARKS)
    is_bad = pc.fill_null(pc.invert(cells.matches(given, cells.DATED)), False)
    if pc.any(is_bad).as_py():
        bad = given[pc.index(is_bad, True).as_py()].as_py()
        raise UsageError(f"{where}: {bad[:40]!r} is no date, as most of the column are")
    days_first = _days_first(given, where)
    is_time = cells.share(cells.matches(given, r"^\d{1,2}:")) == 1
    texts = pd.Series(pc.binary_join_element_wise("1970-01-01", given, " ") if is_time else given)
    try:
        found = pd.to_datetime(texts.astype(object), utc=True, dayfirst=days_first, format="mixed")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{where}: is no date: {' '.join(str(error).split())[:200]}") from None
    return pa.chunked_array([pa.array(found.dt.tz_localize(None), pa.timestamp("us"))])


def _days_first(column: pa.ChunkedArray, where: str) -> bool:
    found = pc.extract_regex(pc.drop_null(column), _BY_NUMBERS).drop_null()
    if not len(found):
        return False
    first, second = (
        pc.max(pc.cast(pc.struct_field(found, part), pa.int32())).as_py()
        for part in ("first", "second")
    )
    if (first > 12) != (second > 12):
        return bool(first > 12)
    example = column.drop_null()[0].as_py()
    if first <= 12 and "." in example[:3]:
        return True
    raise UsageError(
        f"{where}: {example!r} and others may begin with the day or the month: write dates as"
        " YYYY-MM-DD, or leave them out by --dates drop"
    )


def as_timestamps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of dates or times of Arrow as timestamps."""
    if pa.types.is_time(column.type):
        unit = column.type.unit
        width = pa.int32() if unit in ("s", "ms") else pa.int64()
        return pc.cast(pc.cast(column, width), pa.int64()).cast(pa.timestamp(unit))
    return pc.cast(column, pa.timestamp("ms")) if pa.types.is_date(column.type) else column


def seconds(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Timestamps or durations as seconds [n] float64, those of timestamps since 1970."""
    per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[column.type.unit]
    whole = pc.cast(column, pa.int64())
    return np.asarray(whole.cast(pa.float64(), safe=False).to_numpy()) / per_second


def parts(column: pa.ChunkedArray) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Year, month, day, weekday (Monday is 0), hour, minute, second: those that differ by row."""
    found = {
        name: np.asarray(pc.cast(of(column), pa.float64()).to_numpy())
        for name, of in _PARTS.items()
    }
    differ = {name: part for name, part in found.items() if len(np.unique(part)) > 1}
    return differ or {"year": found["year"]}


def undecided(name: str, column: pa.ChunkedArray, where: str) -> UsageError:
    """What to say of dates of text where nothing is said of them."""
    example = cells.without_marks(column, cells.MARKS).drop_null()[0].as_py()
    return UsageError(
        f"{where}: {example!r} and others are dates: --dates numeric takes seconds since 1970,"
        f" --dates parts year, month, day, weekday and so on, --dates drop leaves {name!r} out"
    )
