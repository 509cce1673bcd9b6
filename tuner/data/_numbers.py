"""Columns of text -> numbers, where people meant numbers; refused where that is in doubt."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tuner.data import cells
from tuner.data._decimals import Decimal, Looked, Text, Where, decimal_of, has, mark_of, with_comma
from tuner.data.wording import by_column
from tuner.errors import UsageError

_EXACT = 2.0**53
_FIRST = 100
_ALL, _MOSTLY = 1.0, 0.5


def numbers(
    columns: Mapping[str, Text], decimal: Decimal | None, where: Where, notes: list[str]
) -> dict[str, pa.ChunkedArray]:
    """The columns that are numbers, as int64 or float64, null where a cell is a mark.

    What was not plain is said. Raises UsageError where the decimal mark is in doubt, and where most
    cells of a column are numbers and others are not.
    """
    found = {name: _looked_at(column) for name, column in columns.items()}
    some = {name: column for name, column in found.items() if column is not None}
    are = {n: c for n, c in some.items() if c.plain or c.point or c.comma}
    for name, column in some.items():
        if name not in are:
            _refuse_mixed(name, columns[name], column.bare, where)
    if decimal or not all(column.plain for column in are.values()):
        are = {name: with_comma(column) if column.plain else column for name, column in are.items()}
    for name, column in are.items():
        if column.said:
            _refuse_other_signs(name, columns[name], where)
    proof = decimal or decimal_of(are)
    made, told = {}, {}
    for name, column in are.items():
        mark = mark_of(name, column, proof, where, is_given=decimal is not None)
        bare = column.bare if column.plain and mark == "." else _bare(column.bare, mark)
        made[name] = _typed(name, bare, where)
        said = [*_said(column, mark), *_of_zeros(bare, made[name]), *_loss(bare, made[name])]
        told[name] = ", ".join(said)
    notes.extend(by_column(told))
    return made


def _looked_at(column: Text) -> Looked | None:
    """None of a column that is not mostly numbers."""
    given = cells.without_marks(column, cells.MARKS)
    if given.null_count == len(given):
        return None
    if _is_plain(given):
        return Looked(given, plain=True, point=True, comma=False)
    said: list[str] = []
    bare = cells.bared(given, said)
    has_digit = cells.matches(bare, r"\d")
    ways = [pc.and_(has_digit, cells.matches(bare, way)) for way in (cells.POINT, cells.COMMA)]
    if cells.share(pc.or_(*ways)) <= _MOSTLY:
        return None
    point, comma = (cells.share(way) == _ALL for way in ways)
    return Looked(bare, _is_plain(bare), point, comma, tuple(said))


def _is_plain(column: Text) -> bool:
    """Whether all are numbers as computers write them."""
    try:
        return bool(pc.all(pc.is_finite(pc.cast(column, pa.float64()))).as_py())
    except pa.ArrowInvalid:
        return False


def _refuse_mixed(name: str, column: Text, bare: Text, where: Where) -> None:
    is_number = pc.and_(
        cells.matches(bare, r"\d"), cells.matches(bare, rf"{cells.POINT}|{cells.COMMA}")
    )
    is_bad = pc.fill_null(pc.invert(is_number), False)
    n = pc.sum(is_bad).as_py()
    if not n:
        raise UsageError(
            f"{where(name, 0)}: some numbers have a decimal point and others a comma: write them"
            " in one way"
        )
    row = pc.index(is_bad, True).as_py()
    more = f" (so are {n - 1} more)" if n > 1 else ""
    raise UsageError(
        f"{where(name, row)}: {column[row].as_py()[:40]!r} is no number, as most of the column are"
        f"{more}: write NA and give --missing drop or impute, or --category {name} takes all of"
        f" them for names, --ignore {name} leaves the column out"
    )


def _refuse_other_signs(name: str, column: Text, where: Where) -> None:
    """5 % is not 5, nor is $5 what is 5 in euros."""
    signs = cells.signs_of(column)
    known = [sign for sign in signs if sign]
    if len(known) > 1 or ("%" in known and "" in signs):
        which = " and ".join(sign or "none" for sign in (*known, *([] if known[1:] else [""])))
        raise UsageError(f"{where(name, 0)}: some numbers have other signs ({which}) than others")


def _bare(column: Text, mark: Decimal) -> Text:
    """The same numbers as computers write them."""
    signs = rf"[{cells.SPACES}.]" if mark == "," else rf"[{cells.SPACES},]"
    bare = pc.replace_substring_regex(column, signs, "")
    return pc.replace_substring(bare, ",", ".") if mark == "," else bare


def _typed(name: str, column: Text, where: Where) -> pa.ChunkedArray:
    if not has(column[:_FIRST], r"[.eE]"):
        try:
            return pc.cast(pc.utf8_ltrim(column, "+"), pa.int64())
        except pa.ArrowInvalid:
            pass
    found = pc.cast(column, pa.float64())
    is_beyond = pc.fill_null(pc.is_inf(found), False)
    if pc.any(is_beyond).as_py():
        row = pc.index(is_beyond, True).as_py()
        raise UsageError(f"{where(name, row)}: {column[row].as_py()} is too large for a number")
    return found


def _loss(bare: Text, found: pa.ChunkedArray) -> list[str]:
    """How many whole numbers are no others any more, as they are beyond 64 bits."""
    is_large = found.type == pa.float64() and pc.any(pc.greater(pc.abs(found), _EXACT)).as_py()
    if not is_large or not has(bare, r"^[+-]?\d+$"):
        return []
    n, left = pc.count_distinct(bare).as_py(), pc.count_distinct(found).as_py()
    return [f"of {n} distinct numbers {left} are left in 64 bits"] if left < n else []


def _said(column: Looked, mark: Decimal) -> list[str]:
    """What was not plain of a column, in words."""
    said = list(column.said)
    if mark == "," and has(column.bare, ","):
        said.append("decimal comma")
    if not column.plain and has(column.bare, rf"[{cells.SPACES}]|{'[.]' if mark == ',' else ','}"):
        said.append("thousands marks left out")
    return said


def _of_zeros(bare: Text, found: pa.ChunkedArray) -> list[str]:
    if found.type != pa.int64() or not has(bare, r"^[+-]?0\d"):
        return []
    return ["numbers with leading zeros are read as numbers (--category keeps the names)"]
