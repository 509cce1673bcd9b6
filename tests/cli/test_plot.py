"""tuner plot: names, formats, files, and what is said of the plots left out."""

import csv
import json
import struct

import pytest
from _drawn import attrs_compared, study_of, trial, trials_compared

from tuner.cli.main import run
from tuner.plots import DEFAULT, PLOTS
from tuner.storage.connect import open_storage

FEW = [trial("none", 0.8), *(trial("standard", 0.9 - n / 100, n / 10) for n in range(5))]


@pytest.fixture
def url(tmp_path, monkeypatch):
    """A store with a study, and its comparison."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/store.db"
    store = open_storage(url, create=True)
    study_of(FEW, "accuracy", {}, study_name="mine", storage=store)
    attrs = attrs_compared()
    study_of(trials_compared(), "accuracy", attrs, study_name="mine/compare", storage=store)
    return url


def test_named_plots_are_drawn_in_the_formats_asked_for(url, tmp_path, capsys):
    command = ["plot", "mine", "history", "answer", "--storage", url, "--format", "pdf, png"]
    assert run(command) == 0
    folder = tmp_path / "studies" / "mine" / "plots"
    suffixes = ("pdf", "png", "csv")
    names = {f"{name}.{suffix}" for name in ("history", "answer") for suffix in suffixes}
    assert {path.name for path in folder.iterdir()} == names
    assert "{history,answer}.{pdf,png,csv}" in capsys.readouterr().out


def test_candidates_of_the_comparison_are_drawn(url, tmp_path):
    out = tmp_path / "out"
    assert run(["plot", "mine", "answer", "--storage", url, "--out", str(out), "--column"]) == 0
    with (out / "answer.csv").open(encoding="utf-8", newline="") as file:
        assert {row["candidate"] for row in csv.DictReader(file)} == {
            "none", "gaussian", "standard 0.5"
        }  # fmt: skip
    wide, high = struct.unpack(">II", (out / "answer.png").read_bytes()[16:24])
    assert (wide, high / wide) != (1920, 9 / 16)
    assert wide == 1007


def test_without_a_name_the_five_are_drawn_in_16_to_9(url, tmp_path, capsys):
    assert run(["plot", "mine", "--storage", url, "--format", "png"]) == 0
    folder = tmp_path / "studies" / "mine" / "plots"
    pictures = {path.stem: path.read_bytes()[16:24] for path in folder.glob("*.png")}
    assert set(pictures) == set(DEFAULT) - {"importance"}
    assert {struct.unpack(">II", size) for size in pictures.values()} == {(1920, 1080)}
    assert capsys.readouterr().err.startswith("left out importance: needs 20 complete trials")


def test_json_lists_the_files_and_the_reasons_are_on_stderr(url, tmp_path, capsys):
    assert run(["plot", "mine", "history", "pruning", "--storage", url, "--json"]) == 0
    out, err = capsys.readouterr()
    names = ["history.png", "history.svg", "history.csv"]
    assert json.loads(out) == [f"studies/mine/plots/{name}" for name in names]
    assert err == "left out pruning: no trial was pruned\n"


@pytest.mark.parametrize(
    ("arguments", "hint"), [(["histroy"], "'history'"), (["--format", "png,pfd"], "'pdf'")]
)
def test_an_unknown_name_is_told_the_nearest(url, tmp_path, capsys, arguments, hint):
    assert run(["plot", "mine", *arguments, "--storage", url]) == 2
    err = capsys.readouterr().err
    assert f"did you mean {hint}" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "studies").exists()


def test_a_study_with_too_little_for_any_plot_is_an_error(url, capsys):
    assert run(["plot", "mine", "importance", "--storage", url]) == 1
    assert "too little" in capsys.readouterr().err


def test_list_and_help_name_every_plot(capsys):
    assert run(["plot", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert list(listed) == list(PLOTS)
    assert all(text.endswith(".") for text in listed.values())
    assert run(["plot", "--help"]) == 0
    out = capsys.readouterr().out
    assert [name for name in PLOTS if name not in out] == []
