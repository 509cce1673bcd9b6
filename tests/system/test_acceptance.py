"""What the tool is for, on real data, as a user runs it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from _places import ROOT

from tuner.schema import VARIANTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("TUNER_STORAGE", "OPTUNA_STORAGE", "LOKY_MAX_CPU_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def search(*arguments):
    command = [sys.executable, "-m", "tuner", "search", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stderr


def test_the_default_study_finishes_and_is_complete_when_run_again():
    first, _ = search("--trials", 20)
    assert first["trials"]["complete"] + first["trials"]["pruned"] == 20
    assert first["best"]["value"] > 0.93
    assert {row["variant"] for row in first["variants"]} == set(VARIANTS) - {"spatial"}
    again, log = search("--trials", 20)
    assert log.splitlines() == ["20 of 20 trials were finished before"]
    assert again == first


@pytest.mark.zoo
def test_the_pictures_of_the_documents_are_drawn_by_the_commands_beside_them(place):
    text = (ROOT / "docs" / "answer.md").read_text(encoding="utf-8")
    (drawing,) = re.findall(r"<!--\n(tuner search .*)\n(tuner plot .*)\n-->", text)
    for command, fewer in zip(drawing, (["--trials", "8", "--epochs", "2"], []), strict=True):
        words = shlex.split(command)[1:]
        subprocess.run([sys.executable, "-m", "tuner", *words, *fewer], check=True)
    assert set(re.findall(r'<img src="([^"]+)"', text)) == {
        path.name for path in Path("docs").glob("*.png")
    }


@pytest.mark.zoo
def test_mnist_from_a_file_beats_97_percent(shared_data):
    document, _ = search("mnist", "--data", shared_data / "mnist.npz", "--trials", 1, "--epochs", 3)
    assert document["trials"]["failed"] == 0
    assert document["best"]["value"] > 0.97


@pytest.mark.parametrize(
    ("name", "rmse"), [("concrete", 12), pytest.param("yacht", 12, marks=pytest.mark.zoo)]
)
def test_a_csv_of_numbers_is_a_regression(shared_data, name, rmse):
    document, _ = search("--data", shared_data / "uci" / f"{name}.csv", "--trials", 3)
    assert (document["study"], document["metric"]) == (name, "rmse")
    assert document["direction"] == "minimize"
    assert document["best"]["value"] < rmse


@pytest.mark.zoo
def test_images_visit_spatial(shared_data, place):
    study = "data = 'PATH'\nmodel = 'cnn'\n[space]\nwidth = [4, 8]\n[training]\ntrain_size = 2000\n"
    (place / "images.toml").write_text(study.replace("PATH", str(shared_data / "mnist.npz")))
    document, _ = search("images.toml", "--trials", 6, "--epochs", 3)
    best = {row["variant"]: row["best"] for row in document["variants"]}
    assert best["spatial"] > 0.5
    assert document["trials"]["failed"] == 0
