"""Raw data -> the same, with rows that fit each other and values that can be used."""

from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from tuner.data._grouping import with_codes
from tuner.data._plain import trouble_in
from tuner.data._raw import RawData
from tuner.data._targets import TEXT
from tuner.data.dataset import Given
from tuner.data.stored import chunks, is_array
from tuner.data.structure import each, leaves, n_rows, shapes
from tuner.data.tables import Table
from tuner.errors import UsageError, listed

_NUMBERS = "fiub"


def check(raw: RawData, source: str, *, of_images: bool = False) -> tuple[RawData, Given]:
    """The data with all of their arrays: targets that are missing are the rows themselves.

    Grey images (rows, height, width) of bytes get a channel axis, and with `of_images` those of
    all numbers. Raises UsageError where shapes,
    types or values cannot be used.
    """
    raw = _with_times(raw, source)
    if _is_grey(raw.x, of_images=of_images):
        raw = _with_channel(raw)
    if raw.y is None:
        for name in raw.parts:
            x = raw.part(name)[0]
            raw = raw.with_part(name, x, x.matrix if isinstance(x, Table) else x)
    for name in raw.parts[1:]:
        x, y, *_ = raw.part(name)
        part = f"{name[1:]} part"
        _refuse_another_shape(raw.x, x, f"rows of x and of the {part}", source)
        _refuse_bytes_beside_others(raw.x, x, part, source)
        _refuse_another_shape(raw.y, y, f"y and that of the {part}", source)
    for name in raw.parts:
        _check_part(*raw.part(name)[:2], source, lacks=raw.lacks)
    noisy = raw.y_noisy
    if noisy is not None and (
        not isinstance(raw.y, np.ndarray)
        or noisy.shape != raw.y.shape
        or not np.isin(noisy, raw.y).all()
    ):
        raise UsageError(f"{source}: y_noisy must have a value of y for each row of y")
    given = Given(None, raw.is_file, source, raw.no_matrix, raw.lacks)
    return _coded(_with_weights(with_codes(raw))), given


def _with_times(raw: RawData, source: str) -> RawData:
    """Dates and durations in x as whole numbers of their own unit."""
    notes = list(raw.notes)

    def numbers(array: Any) -> Any:
        if array.dtype.kind not in "mM":
            return array
        if np.isnat(array).any():
            raise UsageError(
                f"{source}: {int(np.isnat(array).sum())} values of x are missing (NaT)"
            )
        since = " since 1970" if array.dtype.kind == "M" else ""
        notes.append(f"times are numbers: {np.datetime_data(array.dtype)[0]}{since}")
        return array.astype("int64")

    for name in raw.parts:
        raw = raw.with_part(name, each(numbers, raw.part(name)[0]))
    return replace(raw, notes=tuple(dict.fromkeys(notes)))


def _is_grey(x: Any, *, of_images: bool) -> bool:
    if not is_array(x) or x.ndim != 3:
        return False
    return x.dtype == np.uint8 or (of_images and x.dtype.kind in _NUMBERS)


def _with_channel(raw: RawData) -> RawData:
    for name in raw.parts:
        raw = raw.with_part(name, raw.part(name)[0][..., None])
    said = f"images without a channel axis get one: {raw.x.shape[1:]}"
    return replace(raw, notes=(*raw.notes, said))


def _refuse_another_shape(train: Any, test: Any, what: str, source: str) -> None:
    if shapes(train) != shapes(test):
        raise UsageError(f"{source}: {what} differ in shape: {shapes(train)} and {shapes(test)}")


def _refuse_bytes_beside_others(train: Any, other: Any, part: str, source: str) -> None:
    """Bytes of one part and other numbers of another are the same images at two scales."""
    for one, two in zip(leaves(train), leaves(other), strict=True):
        if (one.dtype == np.uint8) != (two.dtype == np.uint8):
            raise UsageError(f"{source}: x is {one.dtype}, and that of the {part} {two.dtype}")


def _check_part(x: Any, y: Any, source: str, *, lacks: bool) -> None:
    if isinstance(x, np.ndarray) and (
        x.dtype.kind not in _NUMBERS + TEXT or (x.dtype.kind == "f" and x.ndim < 2) or not x.ndim
    ):
        hint = ": one number a row is x[:, None]" if x.ndim == 1 else ""
        raise UsageError(
            f"{source}: x must be numbers of shape (rows, ...), got {x.dtype} {x.shape}{hint}"
        )
    for name, structure in (("x", x), ("y", y)):
        for array in leaves(structure):
            _check_array(array, name, source, lacks=lacks and name == "x")
    n = {len(array) for array in leaves((x, y))}
    if len(n) > 1 or n == {0}:
        rows, targets = ({len(a) for a in leaves(each)} for each in (x, y))
        raise UsageError(f"{source}: {_listed(rows)} rows of x, {_listed(targets)} of y")


def _listed(numbers: set[int]) -> str:
    return " and ".join(map(str, sorted(numbers)))


def _check_array(array: Any, name: str, source: str, *, lacks: bool) -> None:
    if not array.shape:
        raise UsageError(f"{source}: {name} must have rows, got one {array.dtype}")
    kind = array.dtype.kind
    is_text = kind in "SUT" or (kind == "O" and all(isinstance(v, str | bytes) for v in array.flat))
    if not is_text and kind not in _NUMBERS:
        why = trouble_in(array) if kind == "O" and array.size else f"got {array.dtype}"
        raise UsageError(f"{source}: {name} must be numbers or text: {why}, shape {array.shape}")
    if len(array.shape) > 1 and 0 in array.shape[1:]:
        raise UsageError(f"{source}: rows of {name} have no values, shape {array.shape}")
    if kind != "f":
        return
    for words, is_bad in (("missing (NaN)", np.isnan), ("infinite", np.isinf)):
        if lacks and is_bad is np.isnan:
            continue
        first, n_bad, n_before = "", 0, 0
        for some in chunks(array):
            bad = is_bad(some)
            if bad.any() and not first:
                row, *place = np.argwhere(bad)[0].tolist()
                first = f"[{', '.join(map(str, [n_before + row, *place]))}]"
            n_bad, n_before = n_bad + int(bad.sum()), n_before + len(some)
        if n_bad:
            raise UsageError(
                f"{source}: {n_bad} values of {name} are {words}, the first is {name}{first}"
            )


def _coded(raw: RawData) -> RawData:
    """Classes named by text, in targets of several arrays or steps, as numbers in their order."""
    if isinstance(raw.y, np.ndarray) and (raw.y.ndim < 2 or raw.y[0].size == 1):
        return raw
    notes = list(raw.notes)

    def codes(y: Any) -> Any:
        if y.dtype.kind not in TEXT:
            return y
        classes, found = np.unique(y.astype(str), return_inverse=True)
        notes.append(f"classes are numbers in the order of their names: {listed(classes)}")
        return found.reshape(y.shape).astype("int32")

    whole = each(codes, each(lambda *ys: np.concatenate(ys), *(raw.part(p)[1] for p in raw.parts)))
    start = 0
    for name in raw.parts:
        end = start + n_rows(raw.part(name)[0])
        raw = replace(raw, **{f"y{name}": each(itemgetter(slice(start, end)), whole)})
        start = end
    return replace(raw, notes=tuple(notes))


def _with_weights(raw: RawData) -> RawData:
    """Rows whose part has no weights, where another has, count 1 each."""
    if all(raw.part(name)[2] is None for name in raw.parts):
        return raw
    for name in raw.parts:
        x, y, weight, _ = raw.part(name)
        weight = np.ones(n_rows(x), "float32") if weight is None else weight
        raw = raw.with_part(name, x, y, weight)
    return raw
