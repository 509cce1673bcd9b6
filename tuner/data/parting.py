"""Which part a row is of, where the data say it: a column, numbers of rows, or an order in time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._raw import PARTS, RawData
from tuner.data._rows import as_array, rows_of
from tuner.data.settings import SplitSettings
from tuner.data.structure import each, n_rows
from tuner.errors import UsageError

_NAMES = {
    "train": "",
    "training": "",
    "validation": "_validation",
    "valid": "_validation",
    "val": "_validation",
    "dev": "_validation",
    "test": "_test",
    "testing": "_test",
    "": "",
}
_MAY_BE_MISSING = ("weight", "groups", "y_noisy", "order")


def are_parts(values: Iterable[Any]) -> bool:
    """Whether values are nothing but names of parts, that of rows to train on among them."""
    found = {str(value).strip().lower() for value in values}
    return found <= set(_NAMES) and bool(found & {"train", "training"})


def end_of(name: str) -> str | None:
    """The part that is called so, by the end of its name in RawData; None where none is."""
    return _NAMES.get(name.lower() or "-")


def marked(raw: RawData, split: SplitSettings, source: str) -> RawData:
    """The data with the rows to test on, where a file has their numbers.

    Raises UsageError where a column is named, and there is none.
    """
    named = {"groups": split.group, "split": split.split_column, "order": split.order_by}
    for key, column in named.items():
        if column is not None and getattr(raw, key) is None:
            raise UsageError(
                f"{source}: no column {column!r}: arrays have no columns, give them {key} beside"
                " x and y"
            )
    if split.test_rows is None:
        return raw
    return replace(raw, split=_of_file(raw, split.test_rows, source))


def parted(raw: RawData, split: SplitSettings, source: str) -> RawData:
    """The data with the parts that its rows say, and its rows in their order.

    Raises UsageError where they say it twice, or in other words than train, validation and test.
    """
    if raw.split is None:
        counts = {name: n_rows(raw.part(name)[0]) for name in raw.parts}
        notes = [_said(counts, "bring")] if len(counts) > 1 else []
        return _ordered(replace(raw, notes=(*raw.notes, *notes)), split, source)
    if raw.parts != [""]:
        raise UsageError(f"{source}: the data bring parts, and say of rows which part they are of")
    ends = _ends(raw.split, source)
    found = _some(raw, ends == "")
    for end in ("_validation", "_test"):
        if (ends == end).any():
            found = found.with_part(end, *_some(raw, ends == end).part(""))
    if not (ends == "").any():
        raise UsageError(f"{source}: no row is to train on: all are of another part")
    said = _said({end: int((ends == end).sum()) for end in PARTS}, "say")
    return _ordered(replace(found, split=None, notes=(*raw.notes, said)), split, source)


def _said(counts: Mapping[str, int], how: str) -> str:
    """How many rows each part has, in one line."""
    of_parts = [f"{n} {end[1:] or 'train'}" for end, n in counts.items() if n]
    lacks = " and ".join(end[1:] for end in PARTS if end and not counts.get(end))
    drawn = f" (the {lacks} part is taken from the first)" if lacks else ""
    return f"parts as the data {how}: {', '.join(of_parts)} rows{drawn}"


def _of_file(raw: RawData, path: str, source: str) -> NDArray[Any]:
    if raw.split is not None or raw.x_test is not None:
        raise UsageError(f"{source}: the data say which rows are the test part: no --test-rows")
    try:
        rows = (
            np.load(path) if Path(path).suffix == ".npy" else np.loadtxt(path, dtype=int, ndmin=1)
        )
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: expected a row number a line, or an .npy: {error}") from None
    return np.where(rows_of(as_array(rows), n_rows(raw.x), path), "test", "")


def _ends(split: NDArray[Any], source: str) -> NDArray[Any]:
    """The part of each row, by the end of its name in RawData."""
    given = np.char.lower(np.char.strip(split.astype(str)))
    unknown = sorted(set(given.tolist()) - set(_NAMES))
    if unknown:
        raise UsageError(
            f"{source}: a row is of part {unknown[0]!r}: expected train, validation or test"
        )
    return np.array([_NAMES[name] for name in given.tolist()])


def _ordered(raw: RawData, split: SplitSettings, source: str) -> RawData:
    """The rows from the earliest on, where they have a time; what is done about it is said."""
    if split.split != "ordered":
        unused = ["the order of the rows is given, and they are drawn: --split ordered uses it"]
        return raw if raw.order is None else replace(raw, notes=(*raw.notes, *unused))
    if raw.groups is not None:
        raise UsageError(f"{source}: rows have groups, which --split ordered would split: give one")
    by = "as they stand" if raw.order is None else "sorted by what orders them"
    raw = replace(raw, notes=(*raw.notes, f"rows in time order, {by}: the last ones judge"))
    if raw.order is None:
        return raw
    if raw.order.dtype.kind == "O" and not all(isinstance(each, str) for each in raw.order):
        raise UsageError(f"{source}: what rows are ordered by must be numbers, dates or text")
    if (raw.order != raw.order).any():
        raise UsageError(f"{source}: what rows are ordered by is missing in some")
    return _some(raw, np.argsort(raw.order, kind="stable"))


def _some(raw: RawData, rows: Any) -> RawData:
    """Some of the rows to train on, with what is said of them."""
    taken = {name: getattr(raw, name) for name in ("x", "y", *_MAY_BE_MISSING)}
    return replace(raw, **each(itemgetter(rows), taken))
