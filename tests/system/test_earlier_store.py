"""A store and models of the code before it had rooms: they open, and go on as they were.

`before_the_rooms` holds a study of 8 finished and 4 waiting trials, compared on 3 seeds and 2
splits; what the earlier code said of it, and what it made of the trials that waited; and a small
model of each variant with its prediction for a row of ones.
"""

import csv
import gzip
import html
import json
import tarfile
from pathlib import Path

import pytest
from _places import ROOT
from click.testing import CliRunner

from tuner.cli.main import cli
from tuner.schema import VARIANTS

pytestmark = pytest.mark.slow

KEPT = ROOT / "tests" / "system" / "before_the_rooms"
SAVED = sorted(set(VARIANTS) - {"spatial"})

DEFAULTS = ("--sampler", "tpe", "--pruner", "successive_halving")
"""What was meant, then, where a study file says nothing."""


SAME_PLOTS = (
    "history", "learned_rates", "loss_side_by_side", "metric_all", "metric_side_by_side",
    "pruning", "rate_by_width",
)  # fmt: skip
"""Those that show of these trials what they showed then."""


def unpack(name, folder):
    with tarfile.open(KEPT / name) as archive:
        archive.extractall(folder, filter="data")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("TUNER_STORAGE", "OPTUNA_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def before(tmp_path):
    """What the earlier code said, by file; its store is that of the current folder."""
    unpack("study.tar.gz", tmp_path / "before")
    (tmp_path / "before" / "three.npz").rename("three.npz")
    Path("studies").mkdir()
    (tmp_path / "before" / "three.toml").rename("studies/three.toml")
    Path("studies/tuner.db").write_bytes(gzip.decompress((KEPT / "store.db.gz").read_bytes()))
    return tmp_path / "before"


def run(*arguments):
    return CliRunner().invoke(cli, arguments, catch_exceptions=False, prog_name="tuner")


def said(*arguments):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def without_files(document):
    return {key: value for key, value in document.items() if key != "files"}


@pytest.mark.parametrize("command", ["status", "best", "trials"])
def test_a_study_is_read_as_it_was(before, command):
    assert said(command, "three") == read(before / f"{command}.json")


def test_its_claims_are_those_that_were_found(before):
    now, earlier = said("claims", "three"), read(before / "claims.json")
    assert now["is_twin"] is False
    kept = earlier.keys() - {"files", "same_width"}
    assert {key: now[key] for key in kept} == {key: earlier[key] for key in kept}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", SAME_PLOTS)
def test_its_plots_have_the_rows_that_they_had(before, name):
    (drawn,) = (path for path in said("plot", "three", name) if path.endswith(".csv"))
    now, earlier = rows(Path(drawn)), rows(before / "plots" / f"{name}.csv")
    kept = [column for column in earlier[0] if column in now[0]]
    assert "value" in kept or "mean" in kept or len(kept) == len(earlier[0])
    for_both = [[{each: row[each] for each in kept} for row in table] for table in (now, earlier)]
    assert for_both[0] == for_both[1]


def test_its_report_gives_the_verdict(before):
    assert run("report", "three").exit_code == 0
    page = html.unescape(Path("studies/three/report.html").read_text(encoding="utf-8"))
    earlier = read(before / "verdict.json")["sentence"]
    assert earlier.partition(" below no dropout")[0] in page
    assert "not every candidate has its twin, the same network without dropout" in page


def test_a_trial_runs_again_from_its_record_to_the_same_value(before):
    done = run("replay", "three", "5")
    assert done.stdout == "trial 5, 3 epochs: same value, accuracy 1\n"


def test_a_search_goes_on_with_the_trials_that_waited(before):
    earlier = read(before / "trials.json")
    assert said("search", "three", "-n", "12", "-j", "1", "-q", *DEFAULTS)["trials"]["waiting"] == 0
    now, expected = said("trials", "three"), read(before / "continued.json")
    assert now[:8] == earlier[:8]
    kept = ("number", "params", "seed")
    assert [[trial[key] for key in kept] for trial in now] == [
        [trial[key] for key in kept] for trial in expected
    ]
    assert {trial["state"] for trial in now if trial["params"]["variant"] == "none"} == {"COMPLETE"}


def test_a_comparison_is_completed_with_the_twins_it_had_not(before):
    earlier = {row["name"]: row["scores"] for row in read(before / "verdict.json")["finalists"]}
    found = said("compare", "three", "--seeds", "4", "-j", "1", "-q")
    now = {row["name"]: row["scores"] for row in found["candidates"]}
    assert {name for name in now if name not in earlier} == {"none at width 8"}
    assert {len(scores) for scores in now.values()} == {4}
    for name, scores in earlier.items():
        assert now[name].items() >= scores.items()
    twins = {row["twin"] for row in found["candidates"] if row["is_dropout"]}
    assert twins <= now.keys()
    assert len(found["splits"][0]["means"]) == 2


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """Models of the earlier code, once the layers are imported."""
    import tuner.dropout  # noqa: F401

    folder = tmp_path_factory.mktemp("layers")
    unpack("layers.tar.gz", folder)
    return folder


@pytest.mark.parametrize("variant", SAVED)
def test_a_model_with_its_layers_opens_and_predicts_the_same(layers, variant):
    import keras
    import numpy as np

    model = keras.saving.load_model(layers / f"{variant}.keras")
    expected = read(layers / "layers.json")[variant]
    np.testing.assert_allclose(model.predict(np.ones((1, 4)), verbose=0)[0], expected, rtol=1e-5)
