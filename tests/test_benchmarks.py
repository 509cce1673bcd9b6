"""Reproductions and comparisons: every one runs, and a miss is shown as one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reproduce import REMARKS
from reproduction import report
from reproduction.outcome import Line, Outcome, spread
from speed import performance

ROOT = Path(__file__).resolve().parents[1]


def reproduce(*arguments, check=True):
    command = [sys.executable, str(ROOT / "benchmarks" / "reproduce.py"), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "160"}
    return subprocess.run(command, capture_output=True, text=True, check=check, env=environment)


def measured(ours, *, met, seeds=(0,)):
    outcome = Outcome("A title", "a setting", seeds, (Line("error", "1.0 %", ours, "<= 2 %", met),))
    return report.record(outcome, command="python benchmarks/reproduce.py alpha", seconds=90)


@pytest.mark.slow
@pytest.mark.parametrize("row", REMARKS)
def test_two_epochs_on_digits_miss_and_say_so(row):
    shown = reproduce(row, "--quick").stdout
    assert all(head in shown for head in report.HEADER)
    assert "missed" in shown


@pytest.mark.slow
def test_a_measured_row_is_written(shared_data, tmp_path):
    document = tmp_path / "found.md"
    options = ("--epochs", 1, "--seeds", 1, "--write", document)
    reproduce("alpha", "--mnist", shared_data / "mnist.npz", *options)
    assert "alpha --mnist mnist.npz --epochs 1 --seeds 1\n" in document.read_text()
    assert list(json.loads(document.with_suffix(".json").read_text())) == ["alpha"]


def test_a_quick_run_is_not_written(tmp_path):
    done = reproduce("--quick", "--write", tmp_path / "found.md", check=False)
    assert done.returncode == 2
    assert "--quick measures nothing worth writing" in done.stderr


@pytest.mark.parametrize(("met", "shown"), [(True, "met"), (False, "missed"), (None, "")])
def test_the_document_says_what_became_of_a_criterion(met, shown):
    text = report.document({"alpha": measured("1.5 %", met=met)}, REMARKS)
    assert f"| error | 1.0 % | 1.5 % | <= 2 % | {shown} |" in text


def test_rows_that_are_not_measured_again_stay(tmp_path):
    document = tmp_path / "found.md"
    report.write(document, {"alpha": measured("1.5 %", met=True)}, REMARKS)
    report.write(document, {"targeted": measured("1.7 %", met=True)}, REMARKS)
    report.write(document, {"alpha": measured("1.6 %", met=True)}, REMARKS)
    text = document.read_text()
    assert text.index("1.7 %") < text.index("1.6 %")
    assert "1.5 %" not in text


def test_the_document_is_what_was_measured():
    document = ROOT / "docs" / "reproduction.md"
    rows = json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))
    assert list(rows) == list(REMARKS)
    assert document.read_text(encoding="utf-8") == report.document(rows, REMARKS)


@pytest.mark.parametrize(
    ("values", "shown"), [([1.234], "1.23 %"), ([1.0, 2.0, 3.0], "2.00 ± 1.00 %")]
)
def test_a_spread_needs_several_seeds(values, shown):
    assert spread(values, "%") == shown


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


def test_a_section_of_the_document_is_renewed_and_the_others_stay(tmp_path):
    document = tmp_path / "performance.md"
    for key, text in (("a", "## Old"), ("b", "## Other"), ("a", "## New")):
        performance.write(document, key, text, ["throughput.py", "digits"])
    text = document.read_text()
    assert "## Old" not in text
    assert text.index("## New") < text.index("## Other")
    assert "python benchmarks/throughput.py digits" in text


@pytest.mark.slow
def test_two_contenders_train_the_same_twelve_configurations():
    command = [sys.executable, str(ROOT / "benchmarks" / "throughput.py"), "digits"]
    options = ["--rounds", "1", "--epochs", "1", "--only", "tuner", "--only", "model.fit"]
    out = subprocess.run([*command, *options], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines() if line.startswith("| ")]
    assert {row[1] for row in rows[1:]} == {"tuner", "model.fit"}


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


@pytest.mark.slow
def test_a_search_and_pairs_of_accuracies_are_measured():
    for script, options in (
        ("accuracy.py", ("--seeds", "2", "--epochs", "1")),
        ("search.py", ("--rounds", "1", "--trials", "3", "--only", "tuner")),
    ):
        command = [sys.executable, str(ROOT / "benchmarks" / script), *options]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert len([line for line in out.splitlines() if line.startswith("| ")]) >= 2
