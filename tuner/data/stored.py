"""Rows of arrays in files, which are read where they are needed: they may be more than memory."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import Indices
from tuner.data._raw import RawData
from tuner.data.structure import each, leaves
from tuner.errors import UsageError, one_line

MOST_BYTES = 2**27
"""Of rows that are in memory as well as in a file, as float32."""

_CHUNK = 2**22
Array = NDArray[Any]


@dataclass(frozen=True)
class Place:
    """An array [n, ...] in a file, from a byte on."""

    file: str
    offset: int
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class StoredRows:
    """Some rows of arrays in files, [n, ...], by their numbers over all `places`.

    Where there is a `scale`, they are (x - mean) / scale, computed in the type `within`. They are
    of type `to` in the end. Indexing gives some of the rows, and reads none: NumPy does, or `read`.
    """

    places: tuple[Place, ...]
    rows: Indices
    to: str
    mean: Any = None
    scale: Any = None
    within: str = "float32"

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: Any) -> "StoredRows":
        if isinstance(rows, tuple) and rows == (Ellipsis, None):
            places = (replace(place, shape=(*place.shape, 1)) for place in self.places)
            return replace(self, places=tuple(places))
        return replace(self, rows=np.atleast_1d(self.rows[rows]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.read(), dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all rows."""
        return (len(self), *self.places[0].shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the rows as they are read."""
        return np.dtype(self.to)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    def astype(self, dtype: str) -> "StoredRows":
        """The same rows as another type, unread."""
        return replace(self, to=str(np.dtype(dtype)))

    def joined(self, more: "StoredRows") -> "StoredRows":
        """These rows, and more behind them."""
        n = sum(place.shape[0] for place in self.places)
        return replace(
            self,
            places=self.places + more.places,
            rows=np.concatenate([self.rows, n + more.rows]),
        )

    def read(self) -> Array:
        """The rows in memory."""
        found = np.empty(self.shape, self.places[0].dtype)
        start = 0
        for place in self.places:
            end = start + place.shape[0]
            here = (self.rows >= start) & (self.rows < end)
            if here.any():
                found[here] = _opened(place)[self.rows[here] - start]
            start = end
        if self.scale is None:
            with np.errstate(over="ignore"):  # what is too large is refused by its name
                return found.astype(self.to, copy=False)
        return self._standardized(found).astype(self.to, copy=False)

    def _standardized(self, found: Array) -> Array:
        """In rows of one long axis: NumPy is slow where the last one is short."""
        n, k = len(found), found[0].size // found.shape[-1] if len(found) else 0
        flat = found.reshape(n, -1).astype(self.within)
        flat -= np.tile(self.mean, k)
        flat /= np.tile(self.scale, k)
        return flat.reshape(found.shape)

    def chunks(self) -> Iterator[Array]:
        """All rows, some millions of numbers at a time."""
        size = max(1, _CHUNK // max(1, self.size // max(1, len(self))))
        return (self[start : start + size].read() for start in range(0, len(self), size))


def is_array(x: Any) -> bool:
    """Whether x is an array, in memory or in a file."""
    return isinstance(x, np.ndarray | StoredRows)


def chunks(x: Any) -> Iterator[Any]:
    """Rows that are in a file some at a time; others as they are, at once."""
    return x.chunks() if isinstance(x, StoredRows) else iter((x,))


def in_memory(x: Any) -> Any:
    """Rows that are in a file as an array; others as they are."""
    return x.read() if isinstance(x, StoredRows) else x


def where_large(raw: RawData) -> RawData:
    """The data with the arrays of x left in their files, where they are larger than 128 MiB."""
    xs = [array for name in raw.parts for array in leaves(raw.part(name)[0])]
    n_bytes = 4 * sum(array.size for array in xs if isinstance(array, np.ndarray))
    places = [stored(array) for array in xs]
    if n_bytes <= MOST_BYTES or not any(places):
        return raw
    for name in raw.parts:
        x = each(lambda array: stored(array) or array, raw.part(name)[0])
        raw = raw.with_part(name, x)
    sizes = f"{n_bytes / 2**20:,.0f} MiB as floats, above {MOST_BYTES / 2**20:.0f}"
    note = f"rows are read from their file for each batch: {sizes}"
    return replace(raw, notes=(*raw.notes, note))


def mapped(file: Path) -> Any:
    """The array of an .npy, mapped into memory. Raises UsageError where it cannot be."""
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # noqa: BLE001 (the header is read as Python, and may be anything)
        raise UsageError(f"{file}: cannot be read: {one_line(error)}") from None


def stored(array: Any) -> StoredRows | None:
    """The rows of an array that is a memory map, or whole rows of one; None for others."""
    root = array
    while isinstance(root, np.ndarray) and not _is_mapped(root):
        root = root.base
    if not isinstance(root, np.memmap) or not array.flags.c_contiguous or not array.size:
        return None
    n_bytes = array.nbytes // len(array)
    start, rest = divmod(_address(array) - _address(root), n_bytes)
    if rest or root.nbytes % n_bytes or not root.flags.c_contiguous:
        return None
    shape = (root.nbytes // n_bytes, *array.shape[1:])
    place = Place(str(root.filename), root.offset, array.dtype.str, shape)
    return StoredRows((place,), np.arange(start, start + len(array)), str(array.dtype))


def _is_mapped(array: Array) -> bool:
    """Whether it is a memory map itself, and no part of one."""
    return isinstance(array, np.memmap) and not isinstance(array.base, np.ndarray)


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


@functools.lru_cache(maxsize=16)
def _opened(place: Place) -> Array:
    return np.memmap(place.file, place.dtype, "r", place.offset, place.shape)
