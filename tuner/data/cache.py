"""Arrays that were made once and are kept in a file, which all processes map into their memory."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from tuner.errors import TunerError

Create = Callable[[tuple[int, ...], str], Any]
"""(shape, dtype) -> an array in a file, to be filled."""


def kept(source: str, state: Any, make: Callable[[Create], list[str]]) -> tuple[Any, list[str]]:
    """The array that `make` fills, [n, ...], mapped read-only, and what it said of it.

    It is made again where `state`, all that it follows from, is another than it was; what was made
    from the same `source` before is deleted. Processes that come meanwhile wait.
    """
    digest = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
    folder = folder_of_cache()
    name = f"{Path(source).name}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
    array, notes = folder / f"{name}-{digest}.npy", folder / f"{name}-{digest}.json"
    with filelock.FileLock(folder / f"{name}.lock"):
        if not notes.exists():
            for old in folder.glob(f"{name}-*.*"):
                old.unlink()
            with _whole(array) as path:
                said = make(lambda shape, dtype: _created(path, shape, dtype))
            with _whole(notes) as path:
                path.write_text(json.dumps(said))
        return np.load(array, mmap_mode="r"), json.loads(notes.read_text())


def folder_of_cache() -> Path:
    """Where arrays are kept: dropout-tuner/ in the user's cache, or in the temporary folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    for parent in (Path(home), Path(tempfile.gettempdir())):
        folder = parent / "dropout-tuner"
        with contextlib.suppress(OSError):
            folder.mkdir(0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    raise TunerError("no folder for a cache can be written: set XDG_CACHE_HOME")


def _created(path: Path, shape: tuple[int, ...], dtype: str) -> Any:
    try:
        return np.lib.format.open_memmap(path, "w+", dtype, shape)
    except OSError as error:
        raise TunerError(f"{path}: {error}") from None


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file that appears whole or not at all."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
