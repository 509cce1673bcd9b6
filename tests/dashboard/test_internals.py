"""What tuner uses of optuna-dashboard that it does not promise is there, and does what it did.

Nothing of `tuner.dashboard` is imported here: what is gone is to be named, not to keep this file
from being read.
"""

import importlib
import json
from pathlib import Path

import optuna
import optuna_dashboard
import pytest
from _internals import noticed_by, verify
from optuna.artifacts import FileSystemArtifactStore
from optuna.storages import InMemoryStorage
from plotly import graph_objects as go
from werkzeug.test import Client

FOLDER = Path(optuna_dashboard.__file__).parent


def plots():
    return importlib.import_module("optuna_dashboard._custom_plot_data")


def notes():
    return importlib.import_module("optuna_dashboard._note")


def written(write):
    """The system attributes of a study after this."""
    storage = InMemoryStorage()
    write(optuna.create_study(storage=storage, study_name="s"))
    return storage.get_study_system_attrs(storage.get_study_id_from_name("s"))


def annotated():
    return written(lambda study: optuna_dashboard.save_note(study, "a note"))


def keeps_figures_under_their_key():
    def draw(study):
        optuna_dashboard.save_plotly_graph_object(study, go.Figure(), graph_object_id="rates")

    return f"{plots().SYSTEM_ATTR_PLOT_DATA}rates:0" in written(draw)


def keeps_notes_under_their_key():
    return annotated()[f"{notes().note_str_key_prefix(None)}0"] == "a note"


def tells_notes_of_trials_apart():
    return notes().note_str_key_prefix(1) != notes().note_str_key_prefix(None)


def counts_versions():
    return annotated()[notes().note_ver_key(None)] == 1


def reads_notes():
    return notes().get_note_from_system_attrs(annotated(), None) == {"version": 1, "body": "a note"}


def serves(*rules):
    application = optuna_dashboard.wsgi(InMemoryStorage(), FileSystemArtifactStore("."))
    known = [route.rule for route in application.routes if route.method == "GET"]
    return all(any(known_rule.startswith(rule) for known_rule in known) for rule in rules)


def serves_artifacts():
    folder = ("/artifacts/<study_id:int>/<artifact_id", "/artifacts/<study_id:int>/<trial_id:int>/")
    return serves(*folder)


def has_a_page():
    return "</head>" in (FOLDER / "index.html").read_text(encoding="utf-8")


def begins():
    return "<body>" in (FOLDER / "index.html").read_text(encoding="utf-8")


def script():
    return (FOLDER / "public" / "bundle.js").read_text(encoding="utf-8")


def has_the_class():
    return "MuiTypography" in script() and "body1" in script()


def has_the_icons():
    names = ("AddBox", "Delete", "Edit", "DriveFileRenameOutline", "UploadFile")
    return "data-testid" in script() and all(f'"{name}")' in script() for name in names)


def has_a_list_of_the_best():
    study = optuna.create_study()
    study.add_trial(optuna.trial.create_trial(value=1.0))
    client = Client(optuna_dashboard.wsgi(study._storage))
    return len(json.loads(client.get("/api/studies/0").text)["best_trials"]) == 1


CHECKS = {
    "optuna_dashboard._custom_plot_data": lambda: bool(plots()),
    "SYSTEM_ATTR_PLOT_DATA": keeps_figures_under_their_key,
    "optuna_dashboard._note": lambda: bool(notes()),
    "get_note_from_system_attrs": reads_notes,
    "note_str_key_prefix": lambda: keeps_notes_under_their_key() and tells_notes_of_trials_apart(),
    "note_ver_key": counts_versions,
    "index.html": has_a_page,
    "MuiTypography-body1": has_the_class,
    "<body>": begins,
    "AddBoxIcon": has_the_icons,
    "best_trials": has_a_list_of_the_best,
    "/param_importances": lambda: serves("/api/studies/<study_id:int>/param_importances"),
    "/dashboard/": lambda: serves("/dashboard<"),
    "/api/": lambda: serves("/api/studies/<study_id:int>", "/csv/<study_id:int>"),
    "/plot/contour": lambda: serves("/api/studies/<study_id:int>/plot/<plot_type>"),
    "/artifacts/": serves_artifacts,
}
USES = {use.name: use for use in noticed_by("tests/dashboard/test_internals.py")}


@pytest.mark.parametrize("use", USES.values(), ids=lambda use: use.name)
def test_what_is_used_is_there(use):
    verify(use, CHECKS[use.name])


def test_nothing_is_looked_for_that_is_not_used():
    assert set(USES) == set(CHECKS)


@pytest.mark.parametrize(
    ("owner", "name"),
    [(plots, "SYSTEM_ATTR_PLOT_DATA"), (notes, "note_ver_key"), (notes, "note_str_key_prefix")],
)
def test_what_is_gone_is_told_in_a_sentence(monkeypatch, owner, name):
    monkeypatch.delattr(owner(), name)
    with pytest.raises(AssertionError, match=r"is gone or has changed.*See docs/internals\.md"):
        verify(USES[name], CHECKS[name])


def test_an_address_that_has_moved_is_noticed():
    assert not serves("/api/v2/studies")
