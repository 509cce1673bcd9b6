"""The wheel, away from the clone, and the definitions it brings."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from _places import ROOT
from packaging.requirements import Requirement


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with nothing but the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(folder), "-q"]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(wheel), str(folder / "x")], check=True
    )
    return folder / "x"


@pytest.mark.slow
def test_the_studies_are_found_from_a_wheel(installed, tmp_path):
    code = (
        "import tuner; from tuner.study import study_file;"
        "print(tuner.__file__); print(*study_file.names());"
        "print(study_file.read('mnist', {}).space.axes['width'])"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    where, names, width = done.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert names == "cifar10 digits fashion_mnist mnist noisy_digits"
    assert width == "(256, 512, 1024)"


@pytest.mark.slow
def test_the_wheel_has_what_a_report_is_made_of(installed, tmp_path):
    code = (
        "from tuner.export.report import assets, page; "
        "print(page.__file__, len(assets.of([])['style']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [
        sys.executable,
        "-c",
        code + "; page.template('page.html'), page.template('studies.html')",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    where, size = done.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert int(size) > 1000


def test_every_pin_is_a_name_and_a_version():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all(pin.count("==") == 1 and not set(pin) & set("@/: ") for pin in pins)


@pytest.mark.parametrize("path", sorted((ROOT / "tuner" / "dropout").glob("*.py")), ids=str)
def test_the_layers_need_keras_only(path):
    """The worst mask needs an inner gradient, and a pass is traced, which Keras has not."""
    if path.name not in ("adversarial.py", "recorded.py"):
        assert not re.search("import tensorflow|from tensorflow", path.read_text(encoding="utf-8"))


BOUNDED = ("keras", "optuna", "optuna-dashboard", "tensorflow", "tensorflow[and-cuda]")
"""Libraries whose private names are used: see docs/internals.md."""


def requirements():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    given = [*project["dependencies"], *project["optional-dependencies"]["gpu"]]
    return {re.match(r"[^<>=]+", each)[0]: Requirement(each) for each in given}


@pytest.mark.parametrize("name", BOUNDED)
def test_a_release_that_nobody_has_tried_is_not_installed(name):
    """The range ends below the next minor release after the one of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    tried = dict(line.split("==") for line in lines if "==" in line)[name.partition("[")[0]]
    major, minor = map(int, tried.split(".")[:2])
    allowed = requirements()[name].specifier
    assert tried in allowed
    assert f"{major}.{minor}.99" in allowed
    assert f"{major}.{minor + 1}.0" not in allowed, f"{name} {major}.{minor + 1} was never tried"
