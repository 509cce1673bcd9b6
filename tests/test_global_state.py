"""Nothing of tuner draws from generators that models draw from too, nor changes their state."""

import ast
import random

import keras
import numpy as np
import optuna
import pytest
import sqlalchemy
from _places import ROOT

from tuner.storage import db_errors
from tuner.storage.connect import open_storage

FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tuner").rglob("*.py"))
KEEPERS = {
    "tuner/training/backend.py": "gives a training its seed",
    "tuner/workers/checkpoint.py": "keeps the states of a training, and gives them back",
    "tuner/dropout/keras_objects.py": "gives states back as they were",
}
PRIVATE = ("Random", "SystemRandom", "default_rng", "Generator", "SeedSequence", "PCG64")
"""Generators that somebody has for himself."""


def drawn(source):
    """The calls of a file that use the state which all of a process share."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        text = ast.unparse(node.func)
        owner, _, name = text.rpartition(".")
        if owner in ("random", "np.random", "numpy.random", "tf.random") and name not in PRIVATE:
            yield text
        if text.endswith("set_random_seed"):
            yield text


@pytest.mark.parametrize("file", FILES)
def test_no_module_draws_from_what_all_share(file):
    found = list(drawn((ROOT / file).read_text(encoding="utf-8")))
    assert found == [] or file in KEEPERS


@pytest.mark.parametrize(
    "source", ["random.uniform(0, 1)", "np.random.rand(3)", "keras.utils.set_random_seed(1)"]
)
def test_a_draw_would_be_noticed(source):
    assert list(drawn(source))


def draws():
    shared = np.random.rand()  # noqa: NPY002 (the state that all share)
    return random.random(), shared, float(keras.random.uniform(()))


def test_a_store_that_is_tried_again_changes_no_state(tmp_path, monkeypatch):
    storage = open_storage(f"sqlite:///{tmp_path}/s.db", create=True, patience=60)
    optuna.create_study(storage=storage, study_name="s")
    failures = iter([True] * 3)

    def fails(_connection):
        if next(failures, False):
            raise sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("gone"))
        return "answered"

    monkeypatch.setattr(db_errors, "is_passing", lambda *_: True)
    monkeypatch.setattr("tuner.storage.rdb.time.sleep", lambda _: None)
    keras.utils.set_random_seed(7)
    expected = draws()
    keras.utils.set_random_seed(7)
    assert storage.database.run(fails) == "answered"
    assert draws() == expected
