"""Private names of other libraries: in few files, each listed in docs/internals.md."""

import re
from fnmatch import fnmatch

import pytest
from _internals import PAGE, private_names, uses
from _places import ROOT

PLACES = {
    "tuner/storage/tables.py": "Optuna's tables",
    "tuner/storage/schema_version.py": "Optuna's look at the schema",
    "tuner/storage/optuna_objects.py": "Optuna's studies and trials",
    "tuner/storage/worker_storage.py": "Optuna's cache of trials",
    "tuner/storage/wire.py": "Optuna's studies and trials, as they are sent",
    "tuner/dashboard/internals.py": "optuna-dashboard",
    "tuner/workers/pool.py": "multiprocessing",
    "tuner/data/_elements.py": "TensorFlow's data sets",
    "tuner/dropout/keras_internals.py": "Keras's graphs and calls",
    "tuner/dropout/keras_objects.py": "Keras's layers as objects",
    "tuner/dropout/putting.py": "Keras's layers that drop by themselves",
    "tuner/training/keras_training.py": "Keras's compiled models",
    "tuner/training/backend.py": "Keras's random state and optimizers",
}
"""The files that may use private names, and whose."""

FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tuner").rglob("*.py"))


def names_in(file):
    return private_names((ROOT / file).read_text(encoding="utf-8"))


def library_of(file):
    return next((library for place, library in PLACES.items() if fnmatch(file, place)), None)


@pytest.mark.parametrize("file", FILES)
def test_private_names_of_others_are_in_their_files_only(file):
    names = sorted(names_in(file))
    assert library_of(file) or not names, (
        f"{file} uses {', '.join(names)}, which another library keeps private: use a public name,"
        f" or wrap it in one of {', '.join(PLACES)} and list it in docs/internals.md"
    )


@pytest.mark.parametrize("file", [each for each in FILES if library_of(each)])
def test_every_private_name_is_listed(file):
    listed = {use.name for use in uses() if use.file == file}
    missing = sorted(names_in(file) - listed)
    assert not missing, (
        f"{file} uses {', '.join(missing)}: say in docs/internals.md why, and what breaks"
    )


@pytest.mark.parametrize("place", PLACES)
def test_no_file_is_allowed_more_than_it_needs(place):
    assert any(names_in(file) for file in FILES if fnmatch(file, place)), (
        f"{place} uses no private name any more: take it out of PLACES"
    )


@pytest.mark.parametrize("use", uses(), ids=lambda use: f"{use.file}-{use.name}")
def test_what_is_listed_is_used_and_has_a_test(use):
    text = (ROOT / use.file).read_text(encoding="utf-8")
    found = re.search(rf"(?<!\w){re.escape(use.name)}(?!\w)", text)
    assert found, f"{use.file} has no {use.name}: take it out of docs/internals.md"
    assert (ROOT / use.test).is_file(), f"docs/internals.md names {use.test}, which is not there"
    assert use.why
    assert use.breaks


def test_every_row_of_the_page_is_read():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert len(uses()) == sum(line.startswith("| `") for line in lines) > 30


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("study._storage", {"_storage"}),
        ("a.b._c.d", {"_c"}),
        ("getattr(study, '_storage', None)", {"_storage"}),
        ("from optuna.storages._rdb import models", {"optuna.storages._rdb"}),
        ("from optuna.storages import _rdb", {"_rdb"}),
        ("import optuna._imports as i", {"optuna._imports"}),
        ("self._x, cls._y, super()._z, a.__class__", set()),
        ("from tuner.dropout._cell import RateCell", set()),
        ("from _typeshed.wsgi import WSGIApplication", set()),
        ("os._exit(1)", set()),
        ("from __future__ import annotations", set()),
    ],
)
def test_private_names_are_found(source, names):
    assert private_names(source) == names
