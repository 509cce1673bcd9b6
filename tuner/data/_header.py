"""Whether the first row of a table names its columns."""

from collections.abc import Callable, Sequence

from tuner.data.cells import is_mark, looks_dated, looks_numeric

_FEW = 5
Rows = list[list[str]]


def header_of(
    rows: Rows, is_header: bool | None, name: str, notes: list[str]
) -> tuple[str, ...] | None:
    """The names in the first of the rows of the file `name`; None where it has none.

    Where it is not said, whether it `is_header` is looked for, and what is in doubt is said.
    """
    if is_header is None:
        is_header, is_sure = _found(rows[0], rows[1:])
        if not is_header:
            notes.append(
                f"{name}: no header: columns are column_1, column_2 and so on (--header takes the"
                " first row for one)"
            )
        elif not is_sure:
            notes.append(f"{name}: the first row is taken for the header (--no-header)")
    return tuple(_unquoted(cell.strip()) for cell in rows[0]) if is_header else None


def _found(first: Sequence[str], rows: Rows) -> tuple[bool, bool]:
    """Whether the first row names the columns, and whether that is sure.

    A text over numbers or dates does; so does what pandas writes for columns without names, 0, 1,
    2. A number over numbers, a date over dates, or a text that comes again does not, but for whole
    numbers, as of years, beside a text over a few others.
    """
    named = [cell.strip() for cell in first if cell.strip()]
    if named == [str(n) for n in range(len(named))] and len(named) > 1:
        return True, True
    shift = min((len(row) for row in rows), default=len(first)) - len(first)
    columns = list(zip(*(row[max(0, shift) :] for row in rows[:500]), strict=False))
    against, is_named, are_numbers = False, False, False
    for cell, column in zip(first, columns, strict=False):
        is_numeric, is_dated = _most(looks_numeric, column), _most(looks_dated, column)
        if not cell.strip() or is_mark(cell):
            continue
        if (is_numeric and not looks_numeric(cell)) or (is_dated and not looks_dated(cell)):
            return True, not any(map(looks_numeric, named))
        against = against or is_dated or cell in column or (is_numeric and not cell.isdecimal())
        is_named = is_named or (not is_numeric and _are_few(column))
        are_numbers = are_numbers or is_numeric
    return not against and (is_named or not are_numbers), not rows


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "'" else name


def _are_few(column: Sequence[str]) -> bool:
    return len(column) >= 2 * _FEW and len(set(column)) <= len(column) / _FEW


def _most(test: Callable[[str], bool], column: Sequence[str]) -> bool:
    cells = [cell for cell in column if not is_mark(cell)]
    return bool(cells) and sum(map(test, cells)) > len(cells) / 2
