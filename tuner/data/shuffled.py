"""Data sets that come in another order in each process: an order of their own for their rows."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tuner.data.structure import leaves


def in_own_order(elements: Iterable[Any]) -> list[Any]:
    """Elements in the order of their digests, however they came."""
    return sorted(elements, key=_digest)


def digest_of(rows: Sequence[Any]) -> int:
    """A number that tells rows from others, and is the same in whichever order they come."""
    return sum(int.from_bytes(_digest(row)[:8], "big") for row in rows)


def _digest(element: Any) -> bytes:
    digest = hashlib.sha256()
    for array in map(np.asarray, leaves(element)):
        digest.update(str(array.tolist()).encode() if array.dtype == object else array.tobytes())
    return digest.digest()
