"""Rows of a table that lack values: refused, left out, or kept for the training part to fill."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tuner.data import cells
from tuner.data._columns import Column
from tuner.data.settings import TableSettings
from tuner.data.wording import by_column
from tuner.errors import UsageError, listed

Where = Callable[[str, int], str]
Lacking = dict[str, NDArray[np.bool_]]

_FILLED = "missing values become the median of the training rows, a column more says where"


def kept_rows(
    columns: Mapping[str, Column],
    target: tuple[str, Column] | None,
    settings: TableSettings,
    given: pa.Table,
    where: Where,
    notes: list[str],
) -> NDArray[np.bool_] | None:
    """Which rows stay, [n]; None for all. Rows without a target never do.

    Raises UsageError where values are missing and the settings do not say what to do.
    """
    of_rows = {name: lacks for name, c in columns.items() if (lacks := _lacks(c)).any()}
    of_target = _lacks(target[1]) if target else np.zeros(0, bool)
    if not of_rows and not of_target.any():
        return None
    for name, lacks in of_rows.items():
        if lacks.all():
            raise UsageError(f"{where(name, 0)} and all others: no value: --ignore {name}")
    if settings.missing is None:
        raise _refusal(target, of_rows, of_target, given, where)
    left_out = of_rows if settings.missing == "drop" else {}
    if settings.missing == "impute":
        numbers = [name for name in of_rows if columns[name].kind != "names"]
        notes.extend(by_column(dict.fromkeys(numbers, _FILLED)))
    found = left_out | ({target[0]: of_target} if target and of_target.any() else {})
    if not found:
        return None
    kept: NDArray[np.bool_] = ~np.logical_or.reduce(list(found.values()))
    n, counts = int((~kept).sum()), listed((f"{k} {v.sum()}" for k, v in found.items()), 12)
    if n == len(kept):
        raise UsageError(
            f"{where(next(iter(found)), 0)} and all other rows lack a value ({counts})"
        )
    notes.append(f"{n} of {len(kept)} rows with missing values are left out ({counts})")
    return kept


def _lacks(column: Column) -> NDArray[np.bool_]:
    """Which cells have no value: of dates of text, where they are marks."""
    values = column.values
    if column.kind == "date" and column.is_text:
        values = cells.without_marks(values, cells.MARKS)
    return np.asarray(pc.is_null(values).to_numpy())


def _refusal(
    target: tuple[str, Column] | None,
    of_rows: Lacking,
    of_target: NDArray[np.bool_],
    given: pa.Table,
    where: Where,
) -> UsageError:
    options = (
        "--missing drop leaves such rows out, --missing impute fills in the median of the training"
        " rows, or a category of its own"
    )
    name, lacks = next(iter(of_rows.items()), ("", of_target))
    n = len(of_rows) - 1 + int(of_target.any())
    if not name:
        name, n = target[0] if target else "", 0
        options = "--missing drop leaves such rows out"
        if given[name][int(lacks.argmax())].as_py():
            options += f", --category {name} takes all of them for names"
    more = f", and {n} more column{'s' * (n > 1)}" if n > 0 else ""
    row = int(lacks.argmax())
    mark = given[name][row].as_py()
    said = f"{mark!r} for a missing value" if isinstance(mark, str) and mark else "no value"
    return UsageError(
        f"{where(name, row)}: {said} ({lacks.sum()} of {len(lacks)} rows lack one{more}): {options}"
    )
