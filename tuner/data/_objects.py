"""What a user's function gives, as raw data."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data._arrays import Weights
from tuner.data._raw import PARTS, RawData
from tuner.data._rows import as_array, as_long, as_structure, rows_of
from tuner.data.mapping import KEYS, Mapped, mapped, named_parts
from tuner.data.settings import DEFAULT_SPLIT, DEFAULT_TABLE, SplitSettings, TableSettings, said
from tuner.data.structure import n_rows
from tuner.errors import UsageError

if TYPE_CHECKING:
    from tuner.data.tabular import Tabular


def from_object(
    value: Any,
    source: str,
    table: TableSettings = DEFAULT_TABLE,
    split: SplitSettings = DEFAULT_SPLIT,
) -> RawData:
    """RawData from what a user's `load()` returns.

    A RawData; (x, y) or (x, y, sample_weight), two of these, training and test, as in
    keras.datasets, or three with validation between; a mapping of train, validation, test to such;
    or one with the keys of `mapped`. Data frames are read as `table` and `split` say. Raises
    UsageError otherwise.
    """
    if isinstance(value, RawData):
        return value
    try:
        if parts := named_parts(value, PARTS):
            return _of_parts(parts, source, table, split)
        if isinstance(value, Mapping):
            found = mapped(value, source)
            return _with_rows(
                _of_parts(found.parts, source, table, split, found.noisy), found, source
            )
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from None
    alone = ": give its target apart, as frame[features], frame[target]" if _is_frame(value) else ""
    raise UsageError(
        f"{source}: expected (x, y) or (x, y, sample_weight), two of these for training and test,"
        f" or a mapping with {KEYS}, got {type(value).__name__}{alone}"
    )


def _of_parts(
    parts: Mapping[str, Sequence[Any]],
    source: str,
    table: TableSettings,
    split: SplitSettings,
    noisy: Any = None,
) -> RawData:
    """Of x, y and perhaps sample_weight and groups, by the ends of the names of the parts."""
    notes: list[str] = []
    given = list(parts.values())
    frames = {name: _as_frame(part[0]) for name, part in parts.items()}
    tabular = _tabular(frames, source, table, split)
    xs, ys = _structures(given, tabular, notes)
    raw = RawData(None, None, notes=tuple(dict.fromkeys(notes)))
    for name, part, x, y in zip(parts, given, xs, ys, strict=True):
        weight, groups = [*part[2:], None, None][:2]
        raw = raw.with_part(
            name,
            x,
            y,
            None if weight is None else _weight(weight, x, source),
            None if groups is None else _of_rows(groups, x, "groups", source),
        )
    raw = raw if noisy is None else replace(raw, y_noisy=as_array(noisy))
    if tabular is None:
        return raw
    for name, table_of in zip(parts, tabular.parts, strict=True):
        raw = raw.with_columns(name, table_of.aside, split)
    return replace(
        raw,
        features=tabular.features,
        notes=(*tabular.notes, *raw.notes),
        no_matrix=tabular.no_matrix,
        lacks=tabular.lacks,
    )


def _structures(
    given: Sequence[Sequence[Any]], tabular: "Tabular | None", notes: list[str]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """X and y of the parts; what was done to them is added to the notes."""
    if tabular is None:
        lengths = [_length(part[1]) for part in given]
        xs = [as_structure(p[0], n, notes) for p, n in zip(given, lengths, strict=True)]
    else:
        xs = [part.x for part in tabular.parts]
    ys = [
        None if part[1] is None else as_structure(part[1], n_rows(x), notes)
        for part, x in zip(given, xs, strict=True)
    ]
    if notes and len(given) > 1:
        return as_long(*xs), as_long(*ys)
    return xs, ys


def _with_rows(raw: RawData, found: Mapped, source: str) -> RawData:
    """With what is said of each row: which part it is of, and when it was."""
    n = n_rows(raw.x)
    split = found.split
    if split is not None:
        split = _of_rows(split, raw.x, "split", source).astype(str)
    if found.test_rows is not None:
        if split is not None:
            raise UsageError(f"{source}: split and test_rows both say which rows are the test part")
        split = np.where(rows_of(as_array(found.test_rows), n, source), "test", "")
    order = None if found.order is None else _of_rows(found.order, raw.x, "order", source)
    return replace(raw, split=split, order=order)


def _of_rows(value: Any, x: Any, name: str, source: str) -> Any:
    """One value for each row, [n]."""
    found = as_array(value)
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    if found.shape != (n_rows(x),):
        raise UsageError(
            f"{source}: {name} must have a value for each of {n_rows(x)} rows, got {found.shape}"
        )
    if lacking := sum(value is None or value != value for value in found.flat):  # noqa: PLR0124
        raise UsageError(f"{source}: {lacking} rows have no value in {name}")
    return found


def _length(value: Any) -> int | None:
    if isinstance(value, Mapping):
        return _length(next(iter(value.values()), None))
    if hasattr(value, "shape"):
        return value.shape[0] if len(value.shape) else None
    return len(value) if hasattr(value, "__len__") else None


def _tabular(
    given: Mapping[str, Any], source: str, table: TableSettings, split: SplitSettings
) -> "Tabular | None":
    """Data frames, understood together; None of other rows."""
    if not all(map(_is_frame, given.values())):
        if table != DEFAULT_TABLE:
            raise UsageError(f"{source}: --{said(table)} is for tables, and this is none")
        return None
    if table.missing == "drop":
        raise UsageError(f"{source}: --missing drop is for files: drop the rows in the function")
    from tuner.data.tabular import as_tables, understood  # noqa: PLC0415 (Arrow, which few need)

    return understood(dict(as_tables(given, source)), table, split=split)


def _as_frame(value: Any) -> Any:
    """A structured array, whose rows have named values, as a data frame; others as they are."""
    if not isinstance(value, np.ndarray) or value.dtype.names is None:
        return value
    import pandas as pd  # noqa: PLC0415 (it takes its time, and few have records)

    return pd.DataFrame(value)


def _is_frame(value: Any) -> bool:
    """Whether it is a data frame, of pandas or another library that speaks Arrow."""
    return hasattr(value, "__arrow_c_stream__") and hasattr(value, "columns")


def _weight(value: Any, x: Any, source: str) -> Weights:
    weight = as_array(value)
    weight = weight[:, 0] if weight.ndim == 2 and weight.shape[1] == 1 else weight
    if weight.shape != (n_rows(x),) or weight.dtype.kind not in "fiub":
        raise UsageError(
            f"{source}: sample_weight must be a number for each of {n_rows(x)} rows, got"
            f" {weight.dtype} {weight.shape}"
        )
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.any()):
        raise UsageError(f"{source}: weights of rows must be 0 or more, and not all of them 0")
    return weight.astype("float32")
