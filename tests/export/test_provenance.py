"""What it takes to repeat a study."""

import json
import shlex
from pathlib import Path

import pytest
from _exported import read

from tuner.export.files import write_provenance
from tuner.export.provenance import processor
from tuner.study import study_file
from tuner.study.definition import StudyDefinition


def test_study_file_parses_back_to_the_same_definition(tmp_path):
    found = read()
    write_provenance(found, tmp_path)
    assert study_file.read(str(tmp_path / "study.toml"), {"name": "mine"}) == found.definition


def test_environment_holds_what_it_takes_to_repeat_the_study(tmp_path):
    write_provenance(read(), tmp_path)
    environment = json.loads((tmp_path / "environment.json").read_text(encoding="utf-8"))
    assert (environment["study"], environment["n_train"]) == ("mine", 100)
    assert StudyDefinition.parse(environment["definition"], "test") == read().definition
    assert {"python", "optuna", "keras"} <= set(environment["exported_with"])


def test_command_to_repeat_the_study_can_be_pasted_in_a_shell(tmp_path):
    write_provenance(read(), tmp_path / "my folder")
    path = tmp_path / "my folder" / "environment.json"
    command = shlex.split(json.loads(path.read_text(encoding="utf-8"))["repeat"])
    assert command[:2] == ["tuner", "search"]
    assert command[2] == str(tmp_path / "my folder" / "study.toml")


def test_the_processor_has_the_family_and_model_that_a_virtual_machine_leaves_out():
    described = Path("/proc/cpuinfo")
    if not (described.is_file() and "model name" in described.read_text(encoding="utf-8")):
        pytest.skip("this machine describes its processor elsewhere")
    assert "(family " in processor()
    assert ", model " in processor()
