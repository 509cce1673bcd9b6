"""What optuna-dashboard does not promise: its keys in the store, its page, its addresses."""

import json
import re
from collections.abc import Mapping
from http.client import BAD_REQUEST, OK
from pathlib import Path
from typing import Any

import optuna_dashboard
from optuna_dashboard._custom_plot_data import SYSTEM_ATTR_PLOT_DATA
from optuna_dashboard._note import get_note_from_system_attrs, note_str_key_prefix, note_ver_key
from werkzeug.wrappers import Response

ATTRS = "dashboard:"
"""How all its system attributes of a study begin."""

PAGES, DATA, ARTIFACTS = "/dashboard/", ("/api/", "/csv/"), "/artifacts/"
"""Where its pages, what they ask for and the files of trials are."""

CONTOUR = re.compile(r"/api/studies/(\d+)/plot/contour")
TABLE = re.compile(r"/(?:api/studies|csv)/(\d+)(?:/param_importances|/plot/\w+)?")
STUDY = re.compile(r"/api/studies/(\d+)/")
IMPORTANCES = re.compile(r"/api/studies/(\d+)/param_importances/")
_STYLE = "p.MuiTypography-body1 { white-space: pre-wrap !important; overflow-wrap: anywhere }"
"""The history of a trial is one line there, and makes its page as wide as six screens."""

_HOME = (
    "position: fixed; bottom: 1rem; right: 1rem; z-index: 1300; padding: 0.4rem 1.1rem;"
    " border-radius: 999px; background: #0a5aa8; color: #fff; text-decoration: none;"
    " font: 600 0.95rem Roboto, Helvetica, Arial, sans-serif"
)
_WRITING = ("AddBoxIcon", "DeleteIcon", "EditIcon", "DriveFileRenameOutlineIcon", "UploadFileIcon")
"""The icons of the buttons that change something."""


def page(*, writable: bool) -> str:
    """Its page, in our style; without the buttons that would be refused."""
    page = Path(optuna_dashboard.__file__).with_name("index.html").read_text(encoding="utf-8")
    hidden = ", ".join(f"button:has([data-testid={name}])" for name in _WRITING)
    style = _STYLE if writable else f"{_STYLE} {hidden} {{ display: none !important }}"
    home = f'<a href="/" style="{_HOME}">Answers</a>'
    return page.replace("</head>", f"<style>{style}</style></head>").replace(
        "<body>", f"<body>{home}"
    )


def without_best(answer: Response) -> Response:
    """A study whose trials are not to be ranked: its page has no best one."""
    if answer.status_code != OK:
        return answer
    study = json.loads(answer.data) | {"best_trials": []}
    return Response(json.dumps(study), mimetype="application/json")


def importances(answer: Response | None) -> Response:
    """The importances of params; none where there is nothing to tell, which is no error."""
    if answer is None or answer.status_code == BAD_REQUEST:
        return Response(json.dumps({"param_importances": [[]]}), mimetype="application/json")
    return answer


def figure_key(name: str) -> str:
    """The attribute of the study with a figure as JSON."""
    return f"{SYSTEM_ATTR_PLOT_DATA}{name}:0"


def note_body(attrs: Mapping[str, Any], trial_id: int | None) -> str:
    """The note of a trial, of the study where that is None, from attributes of the study."""
    return str(get_note_from_system_attrs(dict(attrs), trial_id)["body"])


def note_attrs(attrs: Mapping[str, Any], trial_id: int | None, body: str) -> dict[str, Any]:
    """What to write for a note to read so.

    Its version stays, so that whoever edits it meanwhile can save what they wrote.
    """
    prefix = note_str_key_prefix(trial_id)
    emptied = {key: "" for key in attrs if key.startswith(prefix)}
    version = get_note_from_system_attrs(dict(attrs), trial_id)["version"]
    return emptied | {f"{prefix}0": body, note_ver_key(trial_id): max(1, version)}
