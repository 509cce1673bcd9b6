"""Plotly's script as its package ships it, packed for pages that need no network."""

import base64
import gzip
from importlib.util import find_spec
from pathlib import Path

_LEVEL = 3


def script() -> bytes:
    """plotly.js; the package need not be imported for that."""
    spec = find_spec("plotly")
    assert spec is not None  # noqa: S101 (a dependency)
    folder = next(iter(spec.submodule_search_locations or ()))
    return (Path(folder) / "package_data" / "plotly.min.js").read_bytes()


def packed(text: bytes) -> str:
    """A script as base64 of its gzip, which `DecompressionStream` of a browser unpacks."""
    return base64.b64encode(gzip.compress(text, _LEVEL, mtime=0)).decode()
