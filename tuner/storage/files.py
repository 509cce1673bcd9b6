"""A store in a file: where it is, and how it is opened where it can only be read."""

import os
import re
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from tuner.errors import StoreError

MOUNTS = Path("/proc/self/mounts")
_NETWORKS = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "beegfs", "gpfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph"),
}
_OCTAL = re.compile(r"\\(\d{3})")
"""How a space stands in the table of mounts."""


def is_file(url: URL) -> bool:
    """Whether a store is a file of SQLite."""
    return url.get_backend_name() == "sqlite"


def path_of(url: URL) -> Path:
    """The file of a store; one with ?uri=true begins with file:."""
    name = str(url.database or "")
    return Path(name.removeprefix("file:") if "uri" in url.query else name)


def is_writable(url: URL) -> bool:
    """Whether a store can be written: the file, and its folder, as SQLite writes beside it."""
    path = path_of(url)
    places = (path.parent, path) if path.exists() else (path.parent,)
    asked = url.query.get("mode") != "ro" and url.query.get("immutable") in (None, "0")
    return asked and all(os.access(place, os.W_OK) for place in places)


def check_writable(url: URL) -> None:
    """Raise StoreError where a store can only be read."""
    if not is_writable(url):
        raise StoreError(
            f"{path_of(url)}: no permission to write, or a read-only disk (SQLite writes"
            " beside the file too)"
        )


def identity(url: URL) -> tuple[int, int] | None:
    """What tells the file of a store from any other at its place; None where there is none."""
    try:
        found = path_of(url).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def network_of(path: Path) -> str | None:
    """The kind of network file system that a file is, or would be, on; None where it is on a disk.

    What mount point is nearest says the table of mounts (Linux).
    """
    try:
        rows = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    place = path.resolve()
    mounts = [(Path(_OCTAL.sub(_sign, row[1])), row[2]) for row in rows if len(row) > 2]
    found = [(where, kind) for where, kind in mounts if place.is_relative_to(where)]
    if not found:
        return None
    deepest = max(len(where.parts) for where, _ in found)
    kind = next(kind for where, kind in reversed(found) if len(where.parts) == deepest)
    return kind if kind in _NETWORKS else None


def _sign(octal: re.Match[str]) -> str:
    return chr(int(octal[1], 8))


def engine_settings(url: URL) -> dict[str, Any]:
    """What SQLAlchemy needs beside the URL of such a store, where it can only be read."""
    if is_writable(url):
        return {}
    return {"creator": partial(_open_to_read, path_of(url)), "poolclass": NullPool}


def _open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing; each asks anew whether others write meanwhile."""
    found = f"file:{quote(str(path))}?mode=ro"
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if not index.exists() and not os.access(path.parent, os.W_OK):
        if log.exists() and log.stat().st_size:
            raise StoreError(
                f"{path}: what was written last is in {log.name} and cannot be read on a read-only"
                " disk: copy both files to where you may write"
            )
        found += "&immutable=1"  # nobody writes, and nothing may be made beside it
    return sqlite3.connect(found, uri=True, check_same_thread=False)
