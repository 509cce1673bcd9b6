"""A study goes to a folder that has none of its files, with its bundle."""

import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from _cli import tuner as command
from _tiny import three_classes

from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition
from tuner.workers.bundled import _refuse_others, files_of

NETS = """
import keras, mine_layers
def build(params, spec):
    stack = [keras.Input(spec.input_shape), mine_layers.hidden(), keras.layers.Dropout(0.5)]
    return keras.Sequential([*stack, keras.layers.Dense(spec.n_outputs, activation="softmax")])
"""
LAYERS = "import keras\ndef hidden():\n    return keras.layers.Dense(8, 'relu')\n"
STUDY = ["--data", "data/rows.npz", "--model", "mine_nets:build", "--name", "mine"]
SMALL = ["--variant", "standard", "--epochs", "2", "--trials", "2"]


@pytest.fixture
def tuner(tmp_path):
    """Run a command in a folder, by a process that has imported nothing of the study."""
    for name in ("home", "far", "home/data"):
        (tmp_path / name).mkdir()
    (tmp_path / "home" / "mine_nets.py").write_text(NETS)
    (tmp_path / "home" / "mine_layers.py").write_text(LAYERS)
    (tmp_path / "home" / "mine_unused.py").write_text("")
    three_classes(tmp_path / "home" / "data" / "rows.npz")
    store, cache = f"sqlite:///{tmp_path}/store.db", str(tmp_path / "cache")
    environment = {"TUNER_STORAGE": store, "XDG_CACHE_HOME": cache}

    def tuner(place, *arguments):
        return command(*arguments, cwd=tmp_path / place, env=environment)

    return tuner


@pytest.mark.slow
def test_a_worker_runs_what_the_bundle_brings_where_it_is_trusted(tuner, tmp_path):
    assert tuner("home", "submit", *STUDY, *SMALL, "--bundle").returncode == 0
    refused = tuner("far", "worker", "mine")
    assert refused.returncode == 2
    assert "brings its code in a bundle: --unpack has it run here" in refused.stderr
    assert f"(on {os.uname().nodename})" in refused.stderr
    assert not list(tmp_path.rglob("bundles"))
    done = tuner("far", "worker", "mine", "--unpack")
    assert done.returncode == 0, done.stderr
    assert "2 trials ended here" in done.stderr
    found = [path for path in tmp_path.glob("cache/*/bundles/**/*") if path.is_file()]
    names = {path.name for path in found if path.suffix != ".pyc"}
    assert names == {"mine_nets.py", "mine_layers.py", "rows.npz"}
    listed = json.loads(tuner("home", "studies", "--json").stdout)
    assert [each["study"] for each in listed] == ["mine"]
    assert tuner("home", "delete", "mine", "--yes").returncode == 0
    assert json.loads(tuner("home", "studies", "--json").stdout) == []


@pytest.mark.slow
def test_without_a_bundle_it_is_said_what_is_missing_where(tuner, tmp_path):
    assert tuner("home", "submit", *STUDY, *SMALL).returncode == 0
    refused = tuner("far", "worker", "mine", "--unpack")
    assert refused.returncode == 2
    assert "data/rows.npz" in refused.stderr
    assert f"(on {os.uname().nodename})" in refused.stderr
    (tmp_path / "far" / "data").mkdir()
    rows = Path("data", "rows.npz")
    (tmp_path / "far" / rows).write_bytes((tmp_path / "home" / rows).read_bytes())
    refused = tuner("far", "worker", "mine", "--unpack")
    assert "no module 'mine_nets'" in refused.stderr


def test_code_that_only_a_training_asks_for_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_calls.py").write_text("def callbacks():\n    return []\n")
    table = {"data": "digits", "training": {"callbacks": "mine_calls:callbacks"}}
    definition = StudyDefinition.parse(table, "test")
    assert list(files_of(definition, tmp_path)) == [tmp_path / "mine_calls.py"]


def test_a_path_that_is_another_one_elsewhere_is_refused(tmp_path):
    definition = StudyDefinition.parse({"data": str(three_classes(tmp_path / "rows.npz"))}, "test")
    with pytest.raises(UsageError, match="would not be found elsewhere"):
        list(files_of(definition, tmp_path))


def test_a_module_of_the_same_name_is_not_taken_for_that_of_the_bundle(tmp_path, monkeypatch):
    (tmp_path / "mine_layers.py").write_text(LAYERS)
    _refuse_others(tmp_path)
    other = ModuleType("mine_layers")
    monkeypatch.setitem(sys.modules, "mine_layers", other)
    other.__file__ = str(tmp_path / "mine_layers.py")
    _refuse_others(tmp_path)
    other.__file__ = "/elsewhere/mine_layers.py"
    with pytest.raises(UsageError, match="'mine_layers' of the bundle is here already"):
        _refuse_others(tmp_path)
