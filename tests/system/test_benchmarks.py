"""Measurements of speed: every script runs, and its table says what was measured."""

import importlib
import json
import shlex
import subprocess
import sys

import lanes
import memory
import plotting
import pytest
import roofline
import scaling
import startup
from _places import ROOT
from speed import data, performance, process, reaching


@pytest.mark.parametrize("script", sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py")))
def test_every_script_finds_what_it_imports(script):
    assert callable(importlib.import_module(script).main)


def test_a_table_of_throughput_has_medians_and_ratios_to_tuner():
    rounds = {
        "tuner": [{"seconds": s, "accuracy": 0.9} for s in (0.5, 1.0, 9.0)],
        "ray": [{"seconds": s, "accuracy": 0.8} for s in (4.0, 2.0, 3.0)],
    }
    lines = performance.throughput("digits", rounds, 3).splitlines()
    assert lines[-2:] == [
        "| tuner | 1.00 [0.50, 9.00] | 3600 | 1.0 | 0.9000 |",
        "| ray | 3.00 [2.00, 4.00] | 1200 | 3.0 | 0.8000 |",
    ]


def test_the_document_is_what_was_measured():
    document = ROOT / "docs" / "performance.md"
    sections = json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))
    assert document.read_text(encoding="utf-8") == performance.document(sections)


def test_a_table_of_accuracies_has_paired_differences_and_corrected_p():
    same = [(0.9, 0.9 + step) for step in (0.01, -0.01, 0.02, -0.02)]
    worse = [(0.8, 0.9 + step) for step in (0.001, -0.001, 0.002, -0.002)]
    lines = performance.accuracy({(64, 0.1): same, (512, 0.4): worse}, 4).splitlines()
    assert lines[-2] == "| 64 | 0.1 | 90.00 | 90.00 | +0.00 [-2.91, +2.91] | 1.00 |"
    assert lines[-1] == "| 512 | 0.4 | 80.00 | 90.00 | -10.00 [-10.29, -9.71] | 0.00 |"


def test_a_table_of_searches_has_medians_and_ratios_to_tuner():
    lines = performance.search({"tuner": [9.0, 10.0, 30.0], "keras-tuner": [100.0]}, 50)
    assert lines.splitlines()[-2:] == [
        "| tuner | 10.0 [9.0, 30.0] | 1.0 |",
        "| keras-tuner | 100.0 [100.0, 100.0] | 10.0 |",
    ]


def test_a_section_of_the_document_is_renewed_and_the_others_stay(tmp_path):
    document = tmp_path / "performance.md"
    for key, text in (("a", "## Old"), ("b", "## Other"), ("a", "## New")):
        performance.write(document, key, text, ["throughput.py", "digits"])
    text = document.read_text()
    assert "## Old" not in text
    assert text.index("## New") < text.index("## Other")
    assert "python benchmarks/throughput.py digits" in text


def rows_of(table):
    """The cells of a Markdown table, its header first."""
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


SMALLEST = {
    "throughput": "digits --rounds 1 --epochs 1 --only tuner --only model.fit",
    "search": "--rounds 1 --trials 3 --only tuner",
    "accuracy": "--seeds 2 --epochs 1 --width 64",
    "memory": "--rounds 1 --trials 3 --peer-trials 3 --warm-up 2 --epochs 1 --only tuner",
    "roofline": "digits,64 --rounds 1 --epochs 1 --only products --only tuner",
    "scaling": "digits --rounds 1 --trials 3 --epochs 1 --jobs 1 --jobs 2",
    "efficiency": "--seeds 1 --trials 3 --epochs 1 --only 'tpe + successive_halving'",
    "lanes": "--rounds 1 --epochs 1 --repeats 1 --width 8 --lanes 2",
    "startup": "--rounds 1 --epochs 1 --only 'tuner --help' --only 'tuner search'",
    "viewing": "--rounds 1 --trials 20 --epochs 2 --stale 0",
    "neighbours": "--clients 20 --seconds 2 --trials 20",
}
"""The options of a run that only shows that a script runs."""
SCRIPTS = [pytest.param(name, marks=pytest.mark.zoo) for name in SMALLEST]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_measurement_ends_with_a_table(script):
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py")]
    options = shlex.split(SMALLEST[script])
    out = subprocess.run([*command, *options], capture_output=True, text=True, check=True).stdout
    assert out.startswith("## ")
    header, *rows = rows_of(out)
    assert rows
    assert {len(row) for row in rows} == {len(header)}


def test_memory_grows_by_the_slope_after_the_warm_up():
    sizes = [100.0, 200.0, 203.0, 206.0, 209.0]
    shown = memory.table({"tuner": [sizes], "model.fit": [sizes[:3]]}, 2)
    assert rows_of(shown)[1:] == [
        ["tuner", "5", "200", "209", "3.000"],
        ["model.fit", "3", "200", "203", "3.000"],
    ]


def test_epochs_are_compared_with_the_products_alone():
    seconds = {"products": [0.001, 0.002, 0.009], "tuner": [0.008, 0.005, 0.006]}
    shown = roofline.table({"digits,64": seconds, "mnist,512": {"tuner": [1.0]}})
    assert rows_of(shown)[1:] == [
        ["digits,64", "products", "2.00 [1.00, 9.00]", "1.0"],
        ["digits,64", "tuner", "6.00 [5.00, 8.00]", "3.0"],
        ["mnist,512", "tuner", "1000.00 [1000.00, 1000.00]", "-"],
    ]


def test_processes_are_compared_with_one():
    found = {
        1: [scaling.Speed(100, 200), scaling.Speed(120, 220), scaling.Speed(110, 210)],
        2: [scaling.Speed(165, 420)] * 3,
    }
    assert rows_of(scaling.table("digits", found))[1:] == [
        ["1", "110 [100, 120]", "1.00", "210 [200, 220]", "1.00"],
        ["2", "165 [165, 165]", "1.50", "420 [420, 420]", "2.00"],
    ]


def test_moments_are_compared_with_those_of_our_search():
    found = {
        "tuner --help": [{"exit": 0.1}],
        "tuner search": [{"first trial ends": s} for s in (2.0, 4.0, 9.0)],
        "keras-tuner": [{"first trial ends": 6.0}],
    }
    assert rows_of(startup.table(found, 20))[1:] == [
        ["tuner --help", "exit", "0.10 [0.10, 0.10]", "-"],
        ["tuner search", "first trial ends", "4.00 [2.00, 9.00]", "1.0"],
        ["keras-tuner", "first trial ends", "6.00 [6.00, 6.00]", "1.5"],
    ]


def test_a_search_that_never_reaches_the_best_counts_as_later_than_all():
    early = [reaching.Trial(5, 1.0, None), reaching.Trial(20, 2.0, 0.9)]
    late = [reaching.Trial(20, 4.0, 0.8), reaching.Trial(20, 5.0, 0.899)]
    never = [reaching.Trial(20, 3.0, 0.8)]
    found = {"a": [early, late, never], "b": [never, early, early]}
    shown = [row[:5] for row in rows_of(reaching.table(found, 0.2, 5, 20))[1:]]
    assert shown == [
        ["a", "2 of 3", "55 ± 23", "40 [25, never]", "5 [2, never]"],
        ["b", "2 of 3", "50 ± 25", "25 [25, never]", "2 [2, never]"],
    ]


def test_lanes_are_compared_with_one_of_the_same_width():
    one = {"first": 0.5, "trials": [0.4, 0.6], "control": [0.1, 0.9]}
    two = {"first": 0.7, "trials": [0.25], "control": [0.1, 0.8]}
    assert rows_of(lanes.table({(64, 1): [one], (64, 2): [two]}, 20))[1:] == [
        ["64", "1", "0.50 [0.50, 0.50]", "0.500 [0.500, 0.500]", "1.00", "0.0e+00"],
        ["64", "2", "0.70 [0.70, 0.70]", "0.250 [0.250, 0.250]", "2.00", "1.0e-01"],
    ]


def test_plots_have_their_medians_their_sum_and_the_whole_command():
    costs = {
        "history": [plotting.Cost(3000, s, 2 * s) for s in (1.0, 3.0, 2.0)],
        "pruning": [plotting.Cost(12, 0.5, 0.25)] * 3,
    }
    assert plotting.rows_of(costs, [9.0, 8.0, 20.0]) == [
        ("history", "3,000", "2.00 [1.00, 3.00]", "4.00 [2.00, 6.00]"),
        ("pruning", "12", "0.50 [0.50, 0.50]", "0.25 [0.25, 0.25]"),
        ("all", "", "2.50", "4.25"),
        ("`tuner plot`", "", "", "9.0 [8.0, 20.0]"),
    ]


@pytest.mark.zoo
def test_a_lane_trains_as_a_trial_alone_does(tmp_path):
    data.prepare("digits", None, tmp_path)
    found = [
        process.run("lane_trials", tmp_path / "raw.npz", 16, n, 5, 1, place=tmp_path)["control"]
        for n in (1, 3)
    ]
    assert found[0] == pytest.approx(found[1], abs=1e-3)
