"""A digest of data as they were given: two studies with the same one have the same rows."""

import hashlib
from typing import Any

import numpy as np

from tuner.data._raw import RawData
from tuner.data.precision import loses
from tuner.data.stored import StoredRows
from tuner.data.structure import leaves, shapes
from tuner.data.tables import Table

_ALWAYS = ("x", "y", "x_test", "y_test", "y_noisy", "weight", "weight_test")
_WHERE_GIVEN = (
    "x_validation",
    "y_validation",
    "weight_validation",
    "groups",
    "groups_validation",
    "groups_test",
    "split",
    "order",
)


def fingerprint(raw: RawData) -> str:
    """16 hexadecimal digits, of every array and of what is said of the rows."""
    digest = hashlib.sha256()
    for name in (*_ALWAYS, *_WHERE_GIVEN):
        part = getattr(raw, name)
        if name in _WHERE_GIVEN and part is not None:
            digest.update(name.encode())
        if isinstance(part, dict | tuple):
            digest.update(str(shapes(part)).encode())
        for array in map(_stable, leaves(part)):
            if array.dtype == object and name.startswith("x"):
                digest.update("\0".join(map(str, array.flat)).encode())  # as long as the texts are
                continue
            if isinstance(array, StoredRows):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                for chunk in array.chunks():
                    digest.update(chunk.tobytes())
                continue
            stable = array.astype("U") if array.dtype.kind in "OT" else array
            digest.update(f"{stable.dtype.str}{stable.shape}".encode())
            digest.update(np.ascontiguousarray(stable).tobytes())
    return digest.hexdigest()[:16]


def _stable(array: Any) -> Any:
    """Of a table its matrix, in float32 as older stores know it where that tells rows apart."""
    if isinstance(array, StoredRows):
        return array
    if not isinstance(array, Table):
        return np.asarray(array)
    with np.errstate(over="ignore"):
        narrow = array.matrix.astype("float32")
    return array.matrix if loses(array.matrix, narrow) else narrow
