"""What a page brings with it: style, scripts, and Plotly, packed; each script with its hash."""

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from tuner.export.report.colors import COLORS
from tuner.export.report.pictures import Picture
from tuner.plots import _plotly

_FOLDER = files("tuner.export.report")
_SCRIPTS = ("sort.js", "explore.js", "live.js")


def of(pictures: Sequence[Picture]) -> dict[str, Any]:
    """Style, script and Plotly, and the hashes that let a browser run these scripts and no other.

    Plotly is there where there are pictures; it is unpacked when a reader asks for it.
    """
    colors = {"white": "page", "#444444": "ink", **COLORS}
    own = [f"const COLORS = {json.dumps(colors)};", *map(_read, _SCRIPTS)]
    script = "\n".join(['"use strict";', *own])
    plotly = _plotly.script() if pictures else b""
    hashes = [_hash(each) for each in (script.encode(), plotly) if each]
    return {
        "style": Markup(_read("style.css")),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "plotly": _plotly.packed(plotly) if plotly else "",
        "script_hashes": Markup(" ".join(hashes)),  # noqa: S704
    }


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
