"""Raw data as loaders give it: arrays before they are split and standardized."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.data._arrays import GivenTargets, Weights
from tuner.data._rows import as_array, as_long, as_structure
from tuner.data.settings import DEFAULT_TABLE, TableSettings, said
from tuner.data.structure import n_rows
from tuner.errors import UsageError

if TYPE_CHECKING:
    from tuner.data.tabular import Tabular

_KEYS = "x_train y_train x_test y_test, or x y"


@dataclass(frozen=True)
class RawData:
    """Rows `x` [n, ...] with targets `y` [n, ...], and a test part where one is given.

    Both may be dicts or tuples of arrays, and x a Table; without y, the rows are their targets.
    `weight` [n] says how much a row counts. `y_noisy`, of the shape of `y`, has the targets to
    train on where they are not those by which a model is judged: labels as a careless annotator
    would give them. `is_file` tells of a table that we have read ourselves, `notes` say what was
    done to the rows, a line each, `no_matrix` why a table has no matrix, and
    `lacks` that missing numbers of it are NaN.
    """

    x: Any
    y: Any
    x_test: Any = None
    y_test: Any = None
    features: tuple[str, ...] = ()
    y_noisy: GivenTargets | None = None
    weight: Weights | None = None
    weight_test: Weights | None = None
    is_file: bool = False
    notes: tuple[str, ...] = ()
    no_matrix: str = ""
    lacks: bool = False


def from_object(value: Any, source: str, table: TableSettings = DEFAULT_TABLE) -> RawData:
    """RawData from what a user's `load()` returns.

    A RawData; (x, y) or (x, y, sample_weight), or two of these, training and test, as in
    keras.datasets; or a mapping with x_train y_train x_test y_test, or x y, and perhaps y_noisy and
    sample_weight (sample_weight_train, sample_weight_test). Data frames are read as `table` says.
    Raises UsageError otherwise.
    """
    if isinstance(value, RawData):
        return value
    try:
        if isinstance(value, Mapping):
            parts = _from_mapping(value, source)
            return _of_parts(parts, source, table, value.get("y_noisy"))
        if _is_part(value):
            is_pair = len(value) == 2 and all(map(_is_part, value))
            return _of_parts(list(value) if is_pair else [value], source, table)
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from None
    raise UsageError(
        f"{source}: expected (x, y) or (x, y, sample_weight), two of these for training and test,"
        f" or a mapping with {_KEYS}, got {type(value).__name__}"
    )


def _is_part(value: Any) -> bool:
    """Whether it may be (x, y) or (x, y, sample_weight)."""
    return (
        isinstance(value, tuple | list) and len(value) in (2, 3) and all(map(_may_be_rows, value))
    )


def _may_be_rows(value: Any) -> bool:
    has_rows = hasattr(value, "__len__") or hasattr(value, "shape")
    return value is None or (has_rows and not isinstance(value, str | bytes))


def _from_mapping(value: Mapping[str, Any], source: str) -> list[Sequence[Any]]:
    train = "_train" if "x_train" in value else ""
    found = [part for part in (train, "_test") if f"x{part}" in value]
    without = [part for part in found if f"y{part}" not in value]
    known = {"y_noisy", *(f"{a}{b}" for a in ("x", "y", "sample_weight") for b in found)}
    if f"x{train}" not in value or (without and (without != found or set(value) - known)):
        raise UsageError(f"{source}: expected {_KEYS}, got {sorted(map(str, value)) or 'nothing'}")
    return [[value.get(f"{a}{part}") for a in ("x", "y", "sample_weight")] for part in found]


def _of_parts(
    parts: Sequence[Sequence[Any]], source: str, table: TableSettings, noisy: Any = None
) -> RawData:
    """Of (x, y) or (x, y, sample_weight), for training and perhaps for the test."""
    notes: list[str] = []
    given = [part[0] for part in parts]
    tabular = _tabular(given, source, table)
    if tabular is None:
        lengths = [_length(part[1]) for part in parts]
        xs = [as_structure(x, n, notes) for x, n in zip(given, lengths, strict=True)]
    else:
        xs = [part.x for part in tabular.parts]
    ys = [
        None if part[1] is None else as_structure(part[1], n_rows(x), notes)
        for part, x in zip(parts, xs, strict=True)
    ]
    weights = [
        None if len(part) < 3 or part[2] is None else _weight(part[2], x, source)
        for part, x in zip(parts, xs, strict=True)
    ]
    (x, x_test), (y, y_test), (weight, weight_test) = ([*a, None][:2] for a in (xs, ys, weights))
    if notes and len(parts) > 1:
        (x, x_test), (y, y_test) = as_long(x, x_test), as_long(y, y_test)
    noisy = None if noisy is None else as_array(noisy)
    raw = RawData(x, y, x_test, y_test, (), noisy, weight, weight_test)
    raw = replace(raw, notes=tuple(dict.fromkeys(notes)))
    if tabular is None:
        return raw
    return replace(
        raw,
        features=tabular.features,
        notes=(*tabular.notes, *raw.notes),
        no_matrix=tabular.no_matrix,
        lacks=tabular.lacks,
    )


def _length(value: Any) -> int | None:
    if isinstance(value, Mapping):
        return _length(next(iter(value.values()), None))
    return len(value) if hasattr(value, "__len__") else None


def _tabular(given: Sequence[Any], source: str, table: TableSettings) -> "Tabular | None":
    """Data frames, understood together; None of other rows."""
    if not all(map(_is_frame, given)):
        if table != DEFAULT_TABLE:
            raise UsageError(f"{source}: --{said(table)} is for tables, and this is none")
        return None
    if table.missing == "drop":
        raise UsageError(f"{source}: --missing drop is for files: drop the rows in the function")
    from tuner.data.tabular import as_tables, understood  # noqa: PLC0415 (Arrow, which few need)

    return understood(dict(as_tables(given, source)), table)


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
