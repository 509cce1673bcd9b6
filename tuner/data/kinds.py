"""What the rows of data are, column by column or array by array, and what was done to each."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tuner.data._targets import is_whole
from tuner.data.stored import StoredRows, in_memory, is_array
from tuner.data.structure import is_text, named_leaves
from tuner.data.tables import Table
from tuner.errors import listed

PIXELS = "images of bytes"
NAMES = "names"
_FLAGS = "0 and 1"
_MOST_ROWS = 10_000
Kinds = tuple[tuple[str, str], ...]
"""(name, kind) of each column or array."""


def kinds_of(x: Any) -> Kinds:
    """Those of rows as they were given: columns of a table or matrix, else arrays."""
    if isinstance(x, StoredRows):
        x = in_memory(x[:: -(-len(x) // _MOST_ROWS)])
    if isinstance(x, Table):
        return tuple((name, _of_column(column)) for name, column in x.columns.items())
    if isinstance(x, np.ndarray) and x.ndim == 2 and not is_text(x):
        return tuple((f"x[:, {n}]", _of_column(x[:, n])) for n in range(x.shape[1]))
    return tuple((f"x{path}", _of_array(array)) for path, array in named_leaves(x))


def are_pixels(x: Any) -> bool:
    """Whether rows are bytes of images [n, height, width, channels], which are no ids."""
    return is_array(x) and x.dtype == np.uint8 and x.ndim == 4


def said(kinds: Kinds, done: Mapping[str, str], otherwise: str) -> Iterator[str]:
    """A line for each kind: its columns, what they are, what is `done` to it, or otherwise."""
    names: dict[str, list[str]] = {}
    for name, kind in kinds:
        names.setdefault(kind, []).append(name)
    for kind, of_kind in names.items():
        how = next((text for start, text in done.items() if kind.startswith(start)), otherwise)
        yield f"{listed(of_kind, 5)}: {kind}, {how}"


def _of_column(column: Any) -> str:
    if not isinstance(column, np.ndarray) or column.ndim != 1:
        return _of_array(column)
    some = column[:: -(-len(column) // _MOST_ROWS)]
    if is_text(some):
        return NAMES
    if some.dtype.kind == "b" or np.isin(some, (0, 1)).all():
        return _FLAGS
    known = some[np.isfinite(some)] if some.dtype.kind == "f" else some
    return "whole numbers" if is_whole(known) else "numbers"


def _of_array(array: Any) -> str:
    shape = tuple(array.shape[1:])
    if are_pixels(array):
        return f"{PIXELS} {shape}"
    if not isinstance(array, np.ndarray):
        return f"a stream of {array.dtype} {shape}"
    kind = {"f": "numbers", "b": _FLAGS}.get(array.dtype.kind, "whole numbers")
    kind = "text" if is_text(array) else kind
    return f"{kind} {shape}" if shape else kind
