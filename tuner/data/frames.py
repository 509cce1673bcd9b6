"""Tables of Arrow -> tables of ours: a matrix of numbers, and the columns as they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuner.data import _dates
from tuner.data._columns import Column, as_numbers, loss
from tuner.data.settings import TableSettings
from tuner.data.tables import Table
from tuner.data.wording import by_column
from tuner.errors import listed

_FEW = 20
"""So many distinct names are categories, whatever the number of rows."""

MOST_NAMES = 1000
"""Columns of 0 and 1 that one column of names may become."""

_IDS = ("id", "index", "key", "no", "nr", "number", "rownum")
_MOST_BYTES = 4 * 2**30
_MISSING = "missing"
Where = Callable[[str, int], str]


@dataclass(frozen=True)
class Features:
    """Rows x: a Table, or a dict of the columns where there is `no_matrix`, for a reason.

    `names` are those of the columns of the matrix.
    """

    x: Any
    names: tuple[str, ...] = ()
    no_matrix: str = ""


@dataclass
class _Made:
    """Columns while they are made."""

    columns: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, NDArray[Any]] = field(default_factory=dict)
    names: dict[str, tuple[NDArray[Any], list[str]]] = field(default_factory=dict)
    lacking: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


def features_of(
    columns: dict[str, Column], settings: TableSettings, where: Where, notes: list[str]
) -> Features:
    """Numbers first, then a column of 0 and 1 for each name of a category, then what was missing.

    Missing numbers are NaN, for the median of the rows that are trained on; missing names are a
    category of their own. Raises UsageError for dates of text whose way is not chosen.
    """
    made = _Made()
    for name, column in columns.items():
        if column.kind == "names":
            _add_names(made, name, column)
        elif column.kind == "date":
            _add_dates(made, name, column, settings, where)
        else:
            _add_numbers(made, name, as_numbers(column.values))
    notes.extend(by_column(made.said))
    n = len(next(iter(made.columns.values()), ()))
    k = len(made.numbers) + sum(len(names) for _, names in made.names.values())
    if 8 * n * k > _MOST_BYTES and not made.reasons:
        made.reasons.append(f"{n:,} rows of {k:,} columns are too large a matrix: --ignore COLUMN")
    if made.reasons:
        return Features(made.columns, no_matrix=listed(made.reasons, 3))
    found = list(_matrix(made))
    matrix = np.empty((n, len(found)), "float64")
    for place, (_, values) in enumerate(found):
        matrix[:, place] = values
    return Features(Table(matrix, made.columns), tuple(name for name, _ in found))


def _matrix(made: _Made) -> Iterator[tuple[str, NDArray[Any]]]:
    yield from made.numbers.items()
    for name, (codes, names) in made.names.items():
        for code, category in enumerate(names):
            yield f"{name}_{category}", codes == code
    for name, lacks in made.lacking.items():
        yield f"{name}_{_MISSING}", lacks


def _add_numbers(made: _Made, name: str, values: NDArray[Any]) -> None:
    if said := loss(values):
        made.said[name] = said
    elif _is_id(name, values):
        made.said[name] = "every row its own number, as an id has (--ignore leaves it out)"
    made.columns[name] = made.numbers[name] = values
    lacks = np.isnan(values) if values.dtype.kind == "f" else np.zeros(0, bool)
    if lacks.any():
        made.lacking[name] = lacks


def _add_dates(
    made: _Made,
    name: str,
    column: Column,
    settings: TableSettings,
    where: Where,
) -> None:
    way = settings.dates or ("numeric" if not column.is_text else None)
    if way is None:
        raise _dates.undecided(name, column.values, where(name, 0))
    made.said[name] = _dates.SAID[way]
    if way == "drop":
        return
    values = _dates.parsed(column.values, where(name, 0)) if column.is_text else column.values
    if way == "numeric":
        _add_numbers(made, name, _dates.seconds(values))
        return
    for part, numbers in _dates.parts(values).items():
        _add_numbers(made, f"{name}_{part}", numbers)


def _add_names(made: _Made, name: str, column: Column) -> None:
    values = column.values
    names = sorted(pc.unique(values.drop_null()).to_pylist())
    is_own = len(names) > max(_FEW, len(values) / 2) and not column.is_declared
    if is_own or len(names) > MOST_NAMES:
        made.reasons.append(_reason(name, names, len(values), is_own=is_own))
        made.columns[name] = np.array(pc.fill_null(values, "").to_pylist(), object)
        if values.null_count:
            made.said[name] = "missing text is empty"
        return
    if values.null_count:
        made.said[name] = "missing values are a category of their own"
    missing = _MISSING + "_" * (_MISSING in names)
    made.columns[name] = np.array(pc.fill_null(values, missing).to_pylist(), object)
    codes = pc.fill_null(pc.index_in(values, value_set=pa.array(names, pa.string())), len(names))
    made.names[name] = np.asarray(codes.to_numpy()), names + [missing] * bool(values.null_count)


def _reason(name: str, names: list[str], n: int, *, is_own: bool) -> str:
    example = names[0] if len(names[0]) < 40 else f"{names[0][:37]}..."
    if is_own and _are_sentences(names):
        return (
            f"column {name!r} is text ({example!r}): --model text reads it, or a model of yours"
            f" that takes strings; --ignore {name} leaves it out"
        )
    what = f"column {name!r} has {len(names):,} names in {n:,} rows ({example!r})"
    if is_own:
        return f"{what}: nearly each row its own, as an id: --ignore {name} leaves it out"
    return (
        f"{what}, more than {MOST_NAMES:,} columns of 0 and 1: --ignore {name} leaves it out, a"
        f" model of yours with an input {name!r} takes it"
    )


def _are_sentences(names: list[str]) -> bool:
    """Whether most are several words."""
    return sum(len(name.split()) > 1 for name in names) > len(names) / 2


def _is_id(name: str, values: NDArray[Any]) -> bool:
    """Whether whole numbers count the rows, or are distinct under a name that says id."""
    if values.dtype.kind not in "iu" or len(values) <= _FEW:
        return False
    is_named = re.split(r"[^a-z]+", re.sub("I[dD]$", " id", name).lower())[-1] in _IDS
    if (np.diff(values.astype("float64")) == 1).all():
        return True
    return is_named and len(np.unique(values)) == len(values)
