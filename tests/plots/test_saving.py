"""Plots as files: every format, with rows and words, and again the same."""

import csv

import pytest
from _drawn import a_comparison, a_study, read, trial
from optuna.trial import TrialState, create_trial

from tuner.plots import PLOTS
from tuner.plots.csv_table import quoted
from tuner.plots.making import make
from tuner.plots.rendering import render
from tuner.plots.saving import save_plots


@pytest.mark.slow
def test_every_plot_is_written_with_its_rows(tmp_path):
    study, compared = a_study(), a_comparison()
    files, left_out = save_plots(study, tmp_path / "plots", compared=compared, names=tuple(PLOTS))
    assert left_out == []
    suffixes = ("png", "svg", "csv")
    assert {path.name for path in files} == {f"{n}.{s}" for n in PLOTS for s in suffixes}
    starts = {".png": b"\x89PNG\r\n", ".svg": b"<?xml "}
    pictures = [path for path in files if path.suffix != ".csv"]
    assert all(path.read_bytes()[:6] == starts[path.suffix] for path in pictures)
    for name in PLOTS:
        with (tmp_path / "plots" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = [list(row.values()) for row in csv.DictReader(file)]
        rows = make(name, study, compared).rows
        assert found == [["" if c is None else str(quoted(c)) for c in r.values()] for r in rows]


def test_the_words_are_in_every_picture():
    plot = make("history", a_study())
    pictures = render(plot, ("png", "svg", "pdf"))
    assert all(plot.title.encode() in picture for picture in pictures.values())
    assert pictures["pdf"][:4] == b"%PDF"


@pytest.mark.slow
def test_drawing_a_study_again_gives_the_same_svg(tmp_path):
    once, again = (save_plots(a_study(), tmp_path / name, ("svg",))[0] for name in "ab")
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


@pytest.mark.parametrize(
    "trials",
    [
        [],
        [trial("none", 0.8)],
        [trial("standard", 0.8, 0.5)],
        [trial("standard", 0.8, 0.5, TrialState.PRUNED)],
        [trial("standard", 0.8, 0.5, TrialState.FAIL)],
        [create_trial(state=TrialState.WAITING)],
    ],
    ids=["no trial", "none", "standard", "pruned", "failed", "waiting"],
)
def test_plots_that_lack_trials_are_left_out_with_one_line(tmp_path, trials):
    files, left_out = save_plots(read(*trials), tmp_path, ("svg",), names=tuple(PLOTS))
    names = [line.partition(": ")[0] for line in left_out]
    drawn = [path.stem for path in files if path.suffix == ".svg"]
    assert sorted(names + drawn) == sorted(PLOTS)
    assert "metric_side_by_side" in names
    assert all(line.partition(": ")[2] and "\n" not in line for line in left_out)
