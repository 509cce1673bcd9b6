"""The arrays of an .npz, read without pickle, where there is memory for them."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tuner.errors import UsageError, one_line


def arrays_of(path: Path) -> dict[str, Any]:
    """The arrays by name; MemoryError where they say that they cannot be in memory together."""
    with path.open("rb") as file:
        found = np.load(file, allow_pickle=False)
        if not isinstance(found, np.lib.npyio.NpzFile):
            raise UsageError(f"{path}: is an .npy, not an .npz")
        return _members(found)


def _members(file: Any) -> dict[str, Any]:
    try:
        if sum(_claimed(file, name) for name in file.files) > psutil.virtual_memory().total:
            raise MemoryError  # a system may grant more than it has, and end the process later
        return {name: file[name] for name in file.files}
    except (MemoryError, ValueError):
        raise
    except Exception as error:  # noqa: BLE001 (headers are read as Python, and may be anything)
        raise ValueError(one_line(error)) from None


def _claimed(file: Any, name: str) -> int:
    """The bytes that an array of an .npz says it has; 0 of what is none."""
    with file.zip.open(name if name in file.zip.namelist() else f"{name}.npy") as member:
        try:
            is_first = np.lib.format.read_magic(member) == (1, 0)
            of_version = "read_array_header_1_0" if is_first else "read_array_header_2_0"
            shape, _, dtype = getattr(np.lib.format, of_version)(member)
        except ValueError:  # whoever reads it says so
            return 0
    return int(math.prod(shape) * dtype.itemsize)
