"""Whether the first row of a table names its columns."""

from collections.abc import Callable, Sequence

from tuner.data.cells import is_mark, looks_dated, looks_numeric

_FEW = 5
Rows = list[list[str]]


def has_header(first: Sequence[str], rows: Rows) -> bool:
    """Whether the first row names the columns.

    A text over numbers does; so does what pandas writes for columns without names, 0, 1, 2.
    A number over numbers, a date over dates, or a text that comes again does not, but for whole
    numbers, as of years, beside a text over a few others.
    """
    named = [cell.strip() for cell in first if cell.strip()]
    if named == [str(n) for n in range(len(named))] and len(named) > 1:
        return True
    shift = min((len(row) for row in rows), default=len(first)) - len(first)
    columns = list(zip(*(row[max(0, shift) :] for row in rows[:500]), strict=False))
    against, is_named, are_numbers = False, False, False
    for cell, column in zip(first, columns, strict=False):
        is_numeric = _most(looks_numeric, column)
        if not cell.strip() or is_mark(cell):
            continue
        if is_numeric and not looks_numeric(cell):
            return True
        is_dated = looks_dated(cell) and _most(looks_dated, column)
        against = against or is_dated or cell in column or (is_numeric and not cell.isdecimal())
        is_named = is_named or (not is_numeric and _are_few(column))
        are_numbers = are_numbers or is_numeric
    return not against and (is_named or not are_numbers)


def _are_few(column: Sequence[str]) -> bool:
    return len(column) >= 2 * _FEW and len(set(column)) <= len(column) / _FEW


def _most(test: Callable[[str], bool], column: Sequence[str]) -> bool:
    cells = [cell for cell in column if not is_mark(cell)]
    return bool(cells) and sum(map(test, cells)) > len(cells) / 2
