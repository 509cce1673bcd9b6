"""Tables that were read -> raw data: columns understood together, parts apart, the target alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuner.data import _dates
from tuner.data._aside import check_order, taken, without_times
from tuner.data._columns import Column, as_numbers, columns_of
from tuner.data._missing import kept_rows
from tuner.data.frames import features_of
from tuner.data.settings import DEFAULT_SPLIT, SplitSettings, TableSettings
from tuner.data.structure import each
from tuner.errors import UsageError, unknown

Where = Callable[[str, int], str]


@dataclass(frozen=True)
class Part:
    """Rows of one part: x and y, and the columns `aside` that are neither, by name."""

    x: Any
    y: Any
    aside: Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Tabular:
    """The parts in the order of their tables, and what is to know of all of them.

    `features` name the columns of the matrix; where there is none, `no_matrix` says why. The
    numbers that one `lacks` are NaN.
    """

    parts: tuple[Part, ...]
    features: tuple[str, ...]
    no_matrix: str
    lacks: bool
    notes: tuple[str, ...]


def understood(
    tables: Mapping[str, pa.Table],
    settings: TableSettings,
    *,
    target: str | None = None,
    split: SplitSettings = DEFAULT_SPLIT,
) -> Tabular:
    """Parts of the same columns, by the names of their files, as one: categories are in common.

    Without a `target` there is no y. The columns by which a `split` is made are no features. Raises
    UsageError where a column is in doubt, by its name.
    """
    names, notes, aside = list(tables), list[str](), split.columns
    whole = _together(tables)
    _refuse_unknown(whole, settings, target, aside, names[0])
    whole = whole.drop_columns([name for name in settings.ignore if name != target])
    ends = np.cumsum([table.num_rows for table in tables.values()])
    where = _where(names, ends)
    if target in aside:
        raise UsageError(f"{names[0]}: column {target!r} is the target, and no more")
    apart = taken(whole, split, settings, where)
    found = columns_of(whole.drop_columns(list(aside)), settings, where, notes)
    goal = None if target is None else (target, _as_target(found.pop(target), whole[target]))
    if split.split == "ordered" and split.order_by is None:
        check_order(found, int(ends[0]), where)
        found = without_times(found, settings, notes)
    if not found:
        raise UsageError(f"{names[0]}: no columns besides the target: nothing to learn from")
    kept = kept_rows(found, goal, settings, whole, where, notes)
    if kept is not None and split.test_rows is not None:
        raise UsageError(
            f"{names[0]}: rows without a value are left out, so that the numbers of --test-rows are"
            " of others: remove them from the file, or --missing impute"
        )
    if kept is not None:
        mask = pa.array(kept)
        found = {n: replace(c, values=pc.filter(c.values, mask)) for n, c in found.items()}
        goal = goal and (goal[0], replace(goal[1], values=pc.filter(goal[1].values, mask)))
        apart = {name: values[kept] for name, values in apart.items()}
        ends = np.cumsum(kept)[ends - 1]
    features = features_of(found, settings, where, notes)
    y = None if goal is None else _target(*goal, settings, where)
    lacks = any(c.kind != "names" and c.values.null_count for c in found.values())
    of_parts = (_part(slice(a, b), features.x, y, apart) for a, b in pairwise([0, *ends]))
    return Tabular(tuple(of_parts), features.names, features.no_matrix, lacks, tuple(notes))


def _part(rows: slice, x: Any, y: Any, apart: Mapping[str, NDArray[Any]]) -> Part:
    return Part(
        each(itemgetter(rows), x),
        None if y is None else y[rows],
        {name: values[rows] for name, values in apart.items()},
    )


def _together(tables: Mapping[str, pa.Table]) -> pa.Table:
    (first, whole), *others = tables.items()
    for name, table in others:
        lacking = [c for c in whole.column_names if c not in table.column_names]
        more = [c for c in table.column_names if c not in whole.column_names]
        if lacking or more:
            which = f"no column {lacking[0]!r}" if lacking else f"a column {more[0]!r} of its own"
            raise UsageError(f"{name}: has {which}, beside those of {first}")
    try:
        same = [table.select(whole.column_names) for table in tables.values()]
        return pa.concat_tables(same, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        which = " and ".join(tables)
        raise UsageError(f"{which}: columns of other kinds: {error}") from None


def _refuse_unknown(
    table: pa.Table,
    settings: TableSettings,
    target: str | None,
    aside: Sequence[str],
    source: str,
) -> None:
    columns = table.column_names
    for name in (*filter(None, [target]), *settings.ignore, *settings.category, *aside):
        if name not in columns:
            raise UsageError(f"{source}: {unknown('column', name, columns)}")


def _where(names: Sequence[str], ends: NDArray[np.intp]) -> Where:
    """What a column is called, and a row of it, counted from 1 in its file."""

    def where(column: str, row: int) -> str:
        part = int(np.searchsorted(ends, row, side="right"))
        first = 0 if not part else int(ends[part - 1])
        return f"{names[part]}: column {column!r}, row {row - first + 1}"

    return where


def _as_target(column: Column, given: pa.ChunkedArray) -> Column:
    """Names of classes as they are: NA, None and true are some."""
    is_text = pa.types.is_string(given.type) or pa.types.is_large_string(given.type)
    is_truth = is_text and pa.types.is_boolean(column.values.type)
    if not (column.kind == "names" or is_truth):
        return column
    trimmed = pc.utf8_trim_whitespace(pc.cast(given, pa.string()))
    values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return Column("names", values)


def _target(name: str, column: Column, settings: TableSettings, where: Where) -> NDArray[Any]:
    if column.is_text and settings.dates != "numeric":
        raise UsageError(f"{where(name, 0)}: the target is a date: --dates numeric takes seconds")
    return _values(column, where(name, 0))


def _values(column: Column, where: str) -> NDArray[Any]:
    """Numbers, text, or dates in seconds, [n]."""
    if column.kind == "number":
        return as_numbers(column.values)
    if column.kind == "names":
        return np.array(column.values.to_pylist(), object)
    values = _dates.parsed(column.values, where) if column.is_text else column.values
    return _dates.seconds(values)


def as_tables(frames: Mapping[str, Any], source: str) -> Iterator[tuple[str, pa.Table]]:
    """Data frames of pandas, and of others that speak Arrow, as tables by a name for each part."""
    for end, frame in frames.items():
        try:
            is_pandas = type(frame).__module__.startswith("pandas")
            table = (
                pa.Table.from_pandas(frame, preserve_index=False) if is_pandas else pa.table(frame)
            )
        except (pa.ArrowException, TypeError, ValueError) as error:
            said = " ".join(str(error).split())
            raise UsageError(f"{source}: a column is not a number or a category: {said}") from None
        yield f"{source} ({end[1:]})" if end else source, table
